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

/*
 * Whether calls of the process are looked at. What is found is copied: to the verifier all places are one
 * then, which looks at the rest of the program once, not once for each.
 */
static __always_inline bool find_group(__u32 process, struct claim_group* found) {
  __u32 index = process & (CLAIM_BUCKETS - 1);
  struct claim_bucket* bucket = bpf_map_lookup_elem(&groups, &index);

  if (!bucket) return false;
#pragma unroll
  for (int way = 0; way < CLAIM_WAYS; way++) {
    if (bucket->groups[way].process != process) continue;
    *found = bucket->groups[way];
    return true;
  }
  return false;
}

#endif
