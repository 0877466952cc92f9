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
  __u32 thread = bpf_get_current_pid_tgid();
  struct claim_mark_bucket* bucket;

  if (!is_traced(task)) return 0;
  bucket = marks_beside(thread);
  if (!bucket) return 0;
#pragma unroll
  for (int way = 0; way < CLAIM_MARK_WAYS; way++) {
    struct claim_mark* mark = &bucket->marks[way];

    if (mark->thread == thread && mark->kind == CLAIM_MARK_CLAIM)
      return mark->flags & CLAIM_IS_WANTED ? 0 : -EIO;
  }
  return 0;
}

char terms[] SEC("license") = "GPL";
