/* SPDX-License-Identifier: GPL-2.0-only */
/* What a rule says of a call: which side it is for, as far as that can be told here. */
#ifndef RSC_RULE_H
#define RSC_RULE_H

#include "path.h"

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, CLAIM_GENERATIONS* CLAIM_RULES);
  __type(key, __u32);
  __type(value, struct claim_rule);
} rules SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} active SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, CLAIM_SLOTS);
  __type(key, __u32);
  __type(value, struct claim_slot);
} slots SEC(".maps");

/* A call as its rule is asked about it. */
struct question {
  struct pt_regs* regs;
  struct claim_rule* rule;
  struct claim_slot* slot; /* none: every descriptor is taken for remote */
  __u32 generation;
  __u32 look; /* which of the programs asks */
};

static __always_inline bool is_remote(struct claim_slot* slot, int descriptor) {
  if (descriptor < 0) return false;
  if (!slot) return true;
  if (descriptor >= CLAIM_DESCRIPTORS) return slot->remotes;
  return slot->bits[(descriptor / 64) & (CLAIM_DESCRIPTORS / 64 - 1)] >> (descriptor % 64) & 1;
}

/* Of the call's descriptor: another thread may be given its number before the tracer is told. */
static __always_inline void forget_remote(const struct question* question) {
  struct claim_slot* slot = question->slot;
  int descriptor = question->rule ? argument(question->regs, question->rule->descriptors[0]) : -1;

  if (!slot || descriptor < 0 || descriptor >= CLAIM_DESCRIPTORS) return;
  __sync_fetch_and_and(&slot->bits[(descriptor / 64) & (CLAIM_DESCRIPTORS / 64 - 1)],
                       ~(1ull << descriptor % 64));
}

static __always_inline bool has_remote(const struct question* question, unsigned char index) {
  if (index == CLAIM_NO_ARGUMENT) return false;
  return is_remote(question->slot, argument(question->regs, index));
}

static __always_inline __u32 side_of_path(const struct question* question, unsigned char path,
                                          unsigned char directory) {
  struct claim_rule* rule = question->rule;
  const void* addr = (const void*)argument(question->regs, path);
  bool has_directory = directory != CLAIM_NO_ARGUMENT;
  int descriptor = has_directory ? (int)argument(question->regs, directory) : -1;
  struct path_buffer* buffer = path_buffer(question->look);
  long length;

  if (!buffer) return CLAIM_SIDE_UNSURE;
  /* 0 where it is empty, on 6.1 (mm/maccess.c: strncpy_from_user_nofault). */
  length = bpf_probe_read_user_str(buffer->path, CLAIM_PATH, addr);
  if (length < 0 || length >= CLAIM_PATH) return CLAIM_SIDE_UNSURE;
  if (length > 1 && buffer->path[0] == '/') return side_of(length, question->generation, question->look);
  if (is_remote(question->slot, descriptor)) return CLAIM_SIDE_REMOTE;
  if (length <= 1 && descriptor >= 0 && rule->flags & CLAIM_EMPTY_IS_DESCRIPTOR) return CLAIM_SIDE_LOCAL;
  return CLAIM_SIDE_UNSURE;
}

static __always_inline __u32 side_of_arguments(const struct question* question) {
  struct claim_rule* rule = question->rule;
  bool is_sure = true;

  if (has_remote(question, rule->descriptors[0])) return CLAIM_SIDE_REMOTE;
  if (has_remote(question, rule->descriptors[1])) return CLAIM_SIDE_REMOTE;
  for (int index = 0; index < 2; index++) {
    __u32 side;

    if (rule->paths[index] == CLAIM_NO_ARGUMENT) continue;
    side = side_of_path(question, rule->paths[index], rule->directories[index]);
    if (side == CLAIM_SIDE_REMOTE) return side;
    if (side != CLAIM_SIDE_LOCAL) is_sure = false;
  }
  return is_sure ? CLAIM_SIDE_LOCAL : CLAIM_SIDE_UNSURE;
}

/* CLAIM_SIDE_LOCAL: the call passes. */
static __always_inline __u32 side_by_rule(const struct question* question) {
  struct claim_rule* rule = question->rule;

  if (rule->kind == CLAIM_NEVER) return CLAIM_SIDE_LOCAL;
  if (rule->unless_argument != CLAIM_NO_ARGUMENT &&
      argument(question->regs, rule->unless_argument) & rule->unless_bits)
    return CLAIM_SIDE_LOCAL;
  if (rule->kind == CLAIM_IF_ARGUMENTS) return side_of_arguments(question);
  if (rule->kind == CLAIM_IF_ANY_REMOTE && question->slot && !question->slot->remotes)
    return CLAIM_SIDE_LOCAL;
  return CLAIM_SIDE_UNSURE;
}

#endif
