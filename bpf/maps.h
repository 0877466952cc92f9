/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps that all programs have in common. */
#ifndef RSC_MAPS_H
#define RSC_MAPS_H

#include "claims.h"
#include "machine.h"

/* The claims that are open, by thread. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 32768);
  __type(key, __u32);
  __type(value, struct claim);
} claims SEC(".maps");

/*
 * How many claims and passes there are of the threads that have an id with the same last bits. Nearly always
 * there are none, and what the hash says need not be asked.
 */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, CLAIM_HINTS);
  __type(key, __u32);
  __type(value, __u64);
} hints SEC(".maps");

static __always_inline __u64* hint_of(__u32 thread) {
  __u32 index = thread & (CLAIM_HINTS - 1);
  return bpf_map_lookup_elem(&hints, &index);
}

#endif
