/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls that write over what they were asked with (select(2)): it is saved before they run. */
#ifndef RSC_SAVED_H
#define RSC_SAVED_H

#include "rule.h"

/* By thread. Few calls need it, and what they save is taken at the stop that follows. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, 32768);
  __type(key, __u32);
  __type(value, struct claim_saved);
} saved SEC(".maps");

/* Too large for the stack. */
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, CLAIM_LOOKS);
  __type(key, __u32);
  __type(value, struct claim_saved);
} saving SEC(".maps");

/*
 * Reads the sets and the time. False: some of it is not in memory. Of more descriptors than CLAIM_DESCRIPTORS
 * the first are read.
 */
static __always_inline bool read_sets(const struct question* question, struct claim_saved* into) {
  struct claim_rule* rule = question->rule;
  int count = argument(question->regs, rule->count);
  const void* time = (const void*)argument(question->regs, rule->time);
  __u32 bytes = count >= CLAIM_DESCRIPTORS ? CLAIM_DESCRIPTORS / 8 : count < 0 ? 0 : (count + 63) / 64 * 8;

  into->bytes = bytes;
  for (int index = 0; index < CLAIM_SETS; index++) {
    const void* set = (const void*)argument(question->regs, rule->sets[index]);

    /* The verifier has to see the bound here. */
    if (bytes > CLAIM_DESCRIPTORS / 8) return false;
    if (set && bpf_probe_read_user(into->sets[index], bytes, set)) return false;
  }
  return !time || bpf_probe_read_user(into->time, CLAIM_TIME, time) == 0;
}

/* What could not be saved leaves nothing, for the tracer to see that. */
static __always_inline void save_sets(const struct question* question, __u32 thread) {
  struct claim_saved* into = bpf_map_lookup_elem(&saving, &question->look);

  if (!into || !question->rule || !read_sets(question, into) ||
      bpf_map_update_elem(&saved, &thread, into, BPF_ANY))
    bpf_map_delete_elem(&saved, &thread);
}

#endif
