/** The memory that the eBPF programs read (bpf/claims.h), and the words that stand in it. */

/** How many there are of things. */
export const RULE_COUNT = 512;
export const GENERATIONS = 2;
export const SLOT_COUNT = 4096;
/** Descriptors of a slot that have a bit; higher ones are taken for remote. */
export const DESCRIPTOR_COUNT = 1024;
/** Bytes of a prefix, with the slash that is put at its end. */
export const PREFIX_MAX = 252;
/** Bytes of a path that is looked at, with its NUL: longer ones are claimed. */
export const PATH_MAX = 4096;

/** In the place of the index of an argument: there is none. */
export const NO_ARGUMENT = 255;

/**
 * A rule, in bytes. The rule of a number in a generation begins at RULE_BYTES * (generation * RULE_COUNT + number). All are
 * single bytes but `unlessBits`, which is a 64-bit word; `descriptors`, `directories` and `paths` are two bytes each, `sets` SET_COUNT.
 */
export const RULE_BYTES = 24;
export const Rule = {
  kind: 0,
  flags: 1,
  descriptors: 2,
  directories: 4,
  paths: 6,
  unlessArgument: 8,
  count: 9,
  sets: 10,
  time: 13,
  unlessBits: 16,
} as const;

/** What is saved of a call, in bytes: a 32-bit word that says how many bytes of each set, then the sets and the time. */
export const SET_COUNT = 3;
export const SET_BYTES = DESCRIPTOR_COUNT / 8;
export const TIME_BYTES = 16;
export const Saved = { bytes: 0, sets: 8, time: 8 + SET_COUNT * SET_BYTES } as const;
export const SAVED_BYTES = Saved.time + TIME_BYTES;

/** A slot, in 64-bit words: how many descriptors of any number are remote, then the bits of the first. */
export const SLOT_WORDS = 17;
export const Slot = { remotes: 0, bits: 1 } as const;

/** Counters stand in lanes, one for each CPU (or several CPUs), of LANE_WORDS 64-bit words: what counts is their sum. */
export const LANE_COUNT = 64;
export const LANE_WORDS = 8;

/**
 * A group, in 32-bit words: the id of a process, or 0 for none, and then its slot in the lower half of a word and its flags
 * (GroupFlag) in the upper one. A process is one of the WAY_COUNT groups of the bucket of the last bits of its id.
 */
export const BUCKET_COUNT = 2048;
export const WAY_COUNT = 8;
export const GROUP_WORDS = 2;
export const Group = { process: 0, slot: 1 } as const;

/**
 * A mark, in 32-bit words: the id of a thread, or 0 for none, a MarkKind, the number of its call and, of a claim, the flags of its
 * rule and its own (MarkFlag). A thread's marks are in the bucket of the last bits of its id.
 */
export const MARK_BUCKET_COUNT = 8192;
export const MARK_WAY_COUNT = 4;
export const MARK_WORDS = 4;
export const Mark = { thread: 0, kind: 1, number: 2, flags: 3 } as const;
export const MarkKind = {
  /** A call that is claimed, until its thread stops. */
  claim: 0,
  /** The call that a thread may make next. */
  pass: 1,
  /** A call that the first of two programs has looked at; theirs alone. */
  seen: 2,
  /** A claim that the tracer has met before the SIGSTOP that was to tell of it, until that has come. */
  met: 3,
} as const;
/** Beside those of its rule (RuleFlag). */
export const MarkFlag = {
  /** The thread has been sent SIGSTOP, which stops its process where no tracer takes that. */
  stops: 256,
} as const;

export const RuleKind = {
  never: 0,
  always: 1,
  /** One of the descriptors is remote, or one of the paths is not surely local. */
  ifArguments: 2,
  /** The slot has a remote descriptor. */
  ifAnyRemote: 3,
} as const;

export const RuleFlag = {
  /** The call runs under another signal mask, so that only SIGSTOP is sure to end it. */
  changesMask: 1,
  /** An empty path means the directory itself: the call is claimed where that is a remote descriptor. */
  emptyIsDescriptor: 2,
  /** What the call does here is wanted: it is claimed, and not vetoed. */
  isWanted: 4,
  /** What the call writes over is saved before it runs: `sets` for as many descriptors as `count` says, and `time`. */
  savesSets: 8,
  /** What the call does here frees the number of its descriptor, which is claimed no more. */
  freesDescriptor: 16,
} as const;

export const GroupFlag = {
  claim: 1,
  /** Calls that are surely remote and get as far as the programs are escapes. */
  audit: 2,
  /** Threads stop at every call: what the tracer has them make is told by passes alone. */
  stopsAlways: 4,
  /** The process ends with its tracer (END_WITH_TRACER), and its calls are claimed until it has ended. */
  endsWithTracer: 8,
} as const;

export const Side = { unsure: 0, local: 1, remote: 2 } as const;

export const Counter = {
  claimed: 0,
  /** Calls of traced groups that were not matched. */
  passed: 1,
  /** Calls that were matched, or surely remote, and have run here. */
  escapes: 2,
  /** Claims whose signal has not come. */
  lost: 3,
  /** Events that the ring had no room for. */
  dropped: 4,
} as const;

/** An event, in 32-bit words: the thread, the number of its call, and what has happened. */
export const EVENT_WORDS = 3;
export const EventKind = { escape: 0, lost: 1 } as const;

/** What has been counted, of one Counter. */
export function countOf(counters: BigUint64Array, counter: number): number {
  let sum = 0n;
  for (let lane = 0; lane < LANE_COUNT; lane++) sum += counters[lane * LANE_WORDS + counter] ?? 0n;
  return Number(sum);
}
