/* SPDX-License-Identifier: GPL-2.0-only */
/* What there is of threads: the claims that are open, and the calls that they may make next. */
#ifndef RSC_MARKS_H
#define RSC_MARKS_H

#include "claims.h"
#include "machine.h"

/*
 * A thread has its marks in the bucket of the last bits of its id. They are written by the thread itself and,
 * while it is stopped, by its tracer, from the memory that is mapped there: what others contend for is a free
 * place.
 */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, CLAIM_MARK_BUCKETS);
  __type(key, __u32);
  __type(value, struct claim_mark_bucket);
} marks SEC(".maps");

static __always_inline struct claim_mark_bucket* marks_beside(__u32 thread) {
  __u32 index = thread & (CLAIM_MARK_BUCKETS - 1);
  return bpf_map_lookup_elem(&marks, &index);
}

/* Nearly always there is none. */
static __always_inline bool is_marked(__u32 thread) {
  struct claim_mark_bucket* bucket = marks_beside(thread);

  if (!bucket) return false;
#pragma unroll
  for (int way = 0; way < CLAIM_MARK_WAYS; way++)
    if (bucket->marks[way].thread == thread) return true;
  return false;
}

/* False: there is no room beside other threads whose ids have the same last bits. */
static __always_inline bool put_mark(__u32 thread, __u32 kind, __u32 number, __u32 flags) {
  struct claim_mark_bucket* bucket = marks_beside(thread);

  if (!bucket) return false;
#pragma unroll
  for (int way = 0; way < CLAIM_MARK_WAYS; way++) {
    struct claim_mark* mark = &bucket->marks[way];

    if (mark->thread || __sync_val_compare_and_swap(&mark->thread, 0, thread)) continue;
    mark->kind = kind;
    mark->number = number;
    mark->flags = flags;
    return true;
  }
  return false;
}

/* The mark of that kind that a thread has, or none. */
static __always_inline struct claim_mark* find_mark(__u32 thread, __u32 kind) {
  struct claim_mark_bucket* bucket = marks_beside(thread);

  if (!bucket) return 0;
#pragma unroll
  for (int way = 0; way < CLAIM_MARK_WAYS; way++) {
    struct claim_mark* mark = &bucket->marks[way];

    if (mark->thread == thread && mark->kind == kind) return mark;
  }
  return 0;
}

/* The number of the call that was marked so, or -1. */
static __always_inline long take_mark(__u32 thread, __u32 kind) {
  struct claim_mark* mark = find_mark(thread, kind);
  long number;

  if (!mark) return -1;
  number = mark->number;
  __sync_lock_test_and_set(&mark->thread, 0);
  return number;
}

#endif
