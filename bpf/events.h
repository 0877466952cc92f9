/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs count, and tell. */
#ifndef RSC_EVENTS_H
#define RSC_EVENTS_H

#include "claims.h"
#include "machine.h"

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, CLAIM_LANES);
  __type(key, __u32);
  __type(value, struct claim_lane);
} counters SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 64 * 1024);
} events SEC(".maps");

static __always_inline void count(__u32 counter) {
  __u32 lane = bpf_get_smp_processor_id() & (CLAIM_LANES - 1);
  struct claim_lane* counts = bpf_map_lookup_elem(&counters, &lane);

  if (counts) __sync_fetch_and_add(&counts->counts[counter], 1);
}

static __always_inline void tell(__u32 thread, __u32 number, int kind) {
  struct claim_event event = {.thread = thread, .number = number, .kind = kind};

  if (bpf_ringbuf_output(&events, &event, sizeof(event), BPF_RB_NO_WAKEUP)) count(CLAIM_DROPPED);
}

static __always_inline void tell_escape(__u32 thread, __u32 number) {
  count(CLAIM_ESCAPES);
  tell(thread, number, CLAIM_EVENT_ESCAPE);
}

static __always_inline void tell_lost(__u32 thread, __u32 number) {
  count(CLAIM_LOST);
  tell(thread, number, CLAIM_EVENT_LOST);
}

#endif
