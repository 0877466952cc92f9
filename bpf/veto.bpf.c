// SPDX-License-Identifier: GPL-2.0-only
/*
 * Refuses what a claimed call would do here. Loaded once for each function that does it: a security hook, or
 * the call itself.
 */
#include "marks.h"

#define EIO 5

/* What it returns is the result of the function, in all 64 bits of it where that is a call. */
SEC("fmod_ret")
long refuse(void* context __attribute__((unused))) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct claim_mark* claim;

  if (!is_traced(task)) return 0;
  claim = find_mark(bpf_get_current_pid_tgid(), CLAIM_MARK_CLAIM);
  return claim && !(claim->flags & CLAIM_IS_WANTED) ? -EIO : 0;
}

char terms[] SEC("license") = "GPL";
