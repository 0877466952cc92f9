/* SPDX-License-Identifier: GPL-2.0-only */
/* Which side a path leads to, by the longest prefix. */
#ifndef RSC_PATH_H
#define RSC_PATH_H

#include "claims.h"
#include "machine.h"

/* The key of a look-up is its beginning; what is behind the prefix is read, and not compared. */
struct path_buffer {
  __u32 bits;
  __u32 generation;
  __u8 path[CLAIM_PATH];
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, CLAIM_LOOKS);
  __type(key, __u32);
  __type(value, struct path_buffer);
} paths SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, 8192);
  __type(key, struct claim_prefix);
  __type(value, __u32);
} prefixes SEC(".maps");

static __always_inline struct path_buffer* path_buffer(__u32 look) {
  return bpf_map_lookup_elem(&paths, &look);
}

struct search {
  struct path_buffer* buffer;
  __u32 length;
  __u32 window; /* the last four bytes */
  bool found;
};

static long look_for_detour(__u32 index, void* context) {
  struct search* search = context;
  struct path_buffer* buffer = search->buffer;
  __u32 window = search->window << 8 | buffer->path[index & (CLAIM_PATH - 1)];

  search->window = window;
  search->found = ((window & 0xffff) == ('/' << 8 | '/') && index + 1 < search->length) ||
                  (window & 0xffffff) == ('/' << 16 | '.' << 8 | '/') ||
                  window == ('/' << 24 | '.' << 16 | '.' << 8 | '/');
  return search->found;
}

/*
 * Whether the path has a component that leads elsewhere than its letters say: `.`, `..`, or an empty one. It
 * begins with a slash, and has one at the end in the place of its NUL.
 */
static __always_inline bool has_detour(struct path_buffer* buffer, __u32 length) {
  struct search search = {.buffer = buffer, .length = length};

  bpf_loop(length, look_for_detour, &search, 0);
  return search.found;
}

/*
 * The side of the absolute path in the buffer, whose length is with its NUL. Overwrites that.
 */
static __noinline __u32 side_of(__u32 length, __u32 generation, __u32 look) {
  __u32 compared = length < CLAIM_PREFIX ? length : CLAIM_PREFIX;
  struct path_buffer* buffer = path_buffer(look);
  __u32* side;

  if (!buffer) return CLAIM_SIDE_UNSURE;
  /* `/usr` is no prefix of `/usrx`: all prefixes end with a slash, and so does what is looked up. */
  buffer->path[(length - 1) & (CLAIM_PATH - 1)] = '/';
  if (has_detour(buffer, length)) return CLAIM_SIDE_UNSURE;
  buffer->bits = 8 * (sizeof(buffer->generation) + compared);
  buffer->generation = generation;
  side = bpf_map_lookup_elem(&prefixes, buffer);
  return side ? *side : CLAIM_SIDE_UNSURE;
}

#endif
