/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs share with those who load them and write their maps.
 * packages/core/src/tracer/claim-layout.ts says the same in TypeScript; test/unit/claim-layout.test.ts
 * compares the two. Fixed widths only: one layout on all machines.
 */
#ifndef RSC_CLAIMS_H
#define RSC_CLAIMS_H

enum claim_limit {
  CLAIM_RULES = 512, /* numbers of calls; higher ones are claimed */
  CLAIM_GENERATIONS = 2,
  CLAIM_SLOTS = 4096,
  CLAIM_BUCKETS = 2048,      /* of processes, by the last bits of their ids */
  CLAIM_WAYS = 8,            /* processes of a bucket */
  CLAIM_DESCRIPTORS = 1024,  /* of a slot; higher ones are taken for remote */
  CLAIM_LANES = 64,          /* of counters, which CPUs have a lane of */
  CLAIM_PREFIX = 252,        /* bytes of a prefix, with the slash at its end */
  CLAIM_PATH = 4096,         /* bytes of a path that is looked at, with its NUL */
  CLAIM_MARK_BUCKETS = 8192, /* of threads, by the last bits of their ids */
  CLAIM_MARK_WAYS = 4,       /* marks of a bucket */
  CLAIM_SETS = 3,            /* of descriptors, which a call may write over */
  CLAIM_TIME = 16,           /* bytes of a time */
  CLAIM_LOOKS = 2,           /* programs that may be at work on a CPU, one preempted by the other */
  CLAIM_NO_ARGUMENT = 255,
};

enum claim_kind {
  CLAIM_NEVER,
  CLAIM_ALWAYS,
  /* One of the descriptors is remote, or one of the paths is not surely local. */
  CLAIM_IF_ARGUMENTS,
  /* The slot has a remote descriptor. */
  CLAIM_IF_ANY_REMOTE,
};

enum claim_rule_flag {
  /* The call runs under another signal mask, so that only SIGSTOP is sure to end it. */
  CLAIM_CHANGES_MASK = 1,
  /* An empty path means the directory itself: it is claimed where that is a remote descriptor. */
  CLAIM_EMPTY_IS_DESCRIPTOR = 2,
  /* What the call does here is wanted: it is claimed, and not vetoed. */
  CLAIM_IS_WANTED = 4,
  /* What the call writes over is saved before it runs. */
  CLAIM_SAVES_SETS = 8,
  /* What the call does here frees the number of its descriptor, which is claimed no more. */
  CLAIM_FREES_DESCRIPTOR = 16,
};

enum claim_group_flag {
  CLAIM_GROUP_CLAIM = 1,
  /* Calls that are surely remote and get as far as here are escapes. */
  CLAIM_GROUP_AUDIT = 2,
  /* Threads stop at every call (PTRACE_SYSCALL): what the tracer has them make is told by passes alone. */
  CLAIM_GROUP_STOPS_ALWAYS = 4,
  /* The process ends with its tracer (PTRACE_O_EXITKILL), and its calls are claimed until it has ended. */
  CLAIM_GROUP_ENDS_WITH_TRACER = 8,
};

enum claim_side {
  CLAIM_SIDE_UNSURE,
  CLAIM_SIDE_LOCAL,
  CLAIM_SIDE_REMOTE,
};

enum claim_counter {
  CLAIM_CLAIMED,
  /* Calls of traced groups that were not matched. */
  CLAIM_PASSED,
  /* Calls that were matched, or surely remote, and have run here. */
  CLAIM_ESCAPES,
  /* Claims whose signal has not come. */
  CLAIM_LOST,
  /* Events that the ring had no room for. */
  CLAIM_DROPPED,
  CLAIM_COUNTERS,
};

enum claim_event_kind {
  CLAIM_EVENT_ESCAPE,
  CLAIM_EVENT_LOST,
};

/* Which calls of one number are claimed. Arguments by their index; CLAIM_NO_ARGUMENT: there is none. */
struct claim_rule {
  unsigned char kind;
  unsigned char flags;
  unsigned char descriptors[2];
  /* The descriptor that a path is relative to, for each path. */
  unsigned char directories[2];
  unsigned char paths[2];
  /* The call passes when the argument has one of these bits. */
  unsigned char unless_argument;
  /* With CLAIM_SAVES_SETS: how many descriptors the sets have room for, the sets, and the time. */
  unsigned char count;
  unsigned char sets[CLAIM_SETS];
  unsigned char time;
  unsigned char unused[2];
  unsigned long long unless_bits;
};

/* The remote descriptors of a table that processes share. */
struct claim_slot {
  /* Not 0: there are some, of whatever number. */
  unsigned long long remotes;
  unsigned long long bits[CLAIM_DESCRIPTORS / 64];
};

/* What one CPU has counted; as many bytes as a line of its cache. */
struct claim_lane {
  unsigned long long counts[8];
};

struct claim_group {
  unsigned int process; /* 0: there is none */
  unsigned short slot;
  unsigned short flags;
};

struct claim_bucket {
  struct claim_group groups[CLAIM_WAYS];
};

enum claim_mark_kind {
  /* A call that is claimed, until its thread stops. */
  CLAIM_MARK_CLAIM,
  /* The call that a thread may make next. */
  CLAIM_MARK_PASS,
  /* A call that the first of two programs has looked at. */
  CLAIM_MARK_SEEN,
  /* A claim that the tracer has met before the SIGSTOP that was to tell of it, until that has come. */
  CLAIM_MARK_MET,
};

/* Beside the flags of a rule. */
enum claim_mark_flag {
  /* The thread has been sent SIGSTOP, which stops its process where no tracer takes that. */
  CLAIM_MARK_STOPS = 256,
};

/* A thread's call. */
struct claim_mark {
  unsigned int thread; /* 0: there is none */
  unsigned int kind;
  unsigned int number;
  unsigned int flags; /* of a claim: those of its rule, and its own */
};

struct claim_mark_bucket {
  struct claim_mark marks[CLAIM_MARK_WAYS];
};

/* What a claimed call was about to write over. */
struct claim_saved {
  unsigned int bytes; /* of each set */
  unsigned int unused;
  unsigned char sets[CLAIM_SETS][CLAIM_DESCRIPTORS / 8];
  unsigned char time[CLAIM_TIME];
};

/* The key of the trie of prefixes (struct bpf_lpm_trie_key); the generation is part of what is compared. */
struct claim_prefix {
  unsigned int bits;
  unsigned int generation;
  unsigned char path[CLAIM_PREFIX];
};

struct claim_event {
  int thread;
  int number;
  int kind;
};

#endif
