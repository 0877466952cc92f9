// SPDX-License-Identifier: GPL-2.0-only
/* Finds out whether tracing programs at the entry of calls can be preempted, which decides how the one that
 * claims is attached. */
#include "preemption.h"

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} entry SEC(".maps");

SEC("tp_btf/sys_enter")
int look(void* context __attribute__((unused))) {
  __u32 key = 0, found = preemption();

  bpf_map_update_elem(&entry, &key, &found, BPF_ANY);
  return 0;
}

char terms[] SEC("license") = "GPL";
