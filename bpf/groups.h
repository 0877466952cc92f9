/* SPDX-License-Identifier: GPL-2.0-only */
/* The processes whose calls are looked at. */
#ifndef RSC_GROUPS_H
#define RSC_GROUPS_H

#include "claims.h"
#include "machine.h"

/* A process is in the bucket of the last bits of its id: one line of the cache, and no hash to be made. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, CLAIM_BUCKETS);
  __type(key, __u32);
  __type(value, struct claim_bucket);
} groups SEC(".maps");

static __always_inline struct claim_group* group_of(__u32 process) {
  __u32 index = process & (CLAIM_BUCKETS - 1);
  struct claim_bucket* bucket = bpf_map_lookup_elem(&groups, &index);

  if (!bucket) return 0;
#pragma unroll
  for (int way = 0; way < CLAIM_WAYS; way++) {
    if (bucket->groups[way].process == process) return &bucket->groups[way];
  }
  return 0;
}

#endif
