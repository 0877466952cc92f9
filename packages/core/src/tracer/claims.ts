/**
 * The eBPF programs that claim calls, as @rsc/addon loads them; tests double it. Nothing here decides which calls they are:
 * the memory that the programs read is written by the caller. All of it belongs to the process that opened it and ends with it.
 * Unless said otherwise a function returns 0 or a negated errno. Words and layouts are those of claim-layout.ts.
 */
export interface ClaimMachine {
  /**
   * Loads the programs and attaches them: the one that claims at the entry of calls, and one that refuses (fmod_ret) for each name
   * in `vetoes` (`__x64_sys_openat`, `security_inode_permission`); calls that this kernel does not have are left out. No process is
   * traced yet. Throws MachineError.
   */
  openClaims(vetoes: readonly string[]): ClaimMemory;
  /**
   * Fills `saved` (SAVED_BYTES) with what the claimed call of the thread was about to write over, if its rule says so
   * (RuleFlag.savesSets). False: it could not be read, or has been taken.
   */
  takeSaved(thread: number, saved: Uint8Array): boolean;
  /**
   * Has paths that begin with the directory `prefix` (bytes without NUL, no slash at the end, empty for the root) lead to a
   * Side in a generation; -ENAMETOOLONG of one that does not fit PREFIX_MAX: a shorter one has to be Side.unsure then.
   */
  setPrefix(generation: number, prefix: Uint8Array, side: number): number;
  /** Forgets all prefixes of a generation. */
  dropPrefixes(generation: number): number;
  /**
   * Fills `events` with what has happened since the last time, EVENT_WORDS for each event; returns how many events these are. As
   * many as there is no room for stay for the next time.
   */
  readEvents(events: Int32Array): number;
  /**
   * How many calls, of any process, the kernel may have shown to no program that claims since they were loaded, which there are two
   * of where one may be left out; or a negated errno.
   */
  countMisses(): number;
  /** Detaches and frees all. The memory is gone: its arrays have no elements any more. */
  closeClaims(): void;
}

/** Memory that the programs read as they run, mapped from their maps. Layouts are in bpf/claims.h. */
export interface ClaimMemory {
  /** MARK_BUCKET_COUNT buckets of MARK_WAY_COUNT marks of MARK_WORDS 32-bit words: claims that are open, and passes. */
  readonly marks: ArrayBuffer;
  /** GENERATIONS generations of RULE_COUNT rules of RULE_BYTES. */
  readonly rules: ArrayBuffer;
  /** A 32-bit word: the generation that counts. */
  readonly active: ArrayBuffer;
  /** BUCKET_COUNT buckets of WAY_COUNT groups of GROUP_WORDS 32-bit words: the processes whose calls are looked at. */
  readonly groups: ArrayBuffer;
  /** SLOT_COUNT slots of SLOT_WORDS 64-bit words: which descriptors of a table are remote. */
  readonly slots: ArrayBuffer;
  /** LANE_COUNT lanes of LANE_WORDS 64-bit words: `countOf` sums them up. */
  readonly counters: ArrayBuffer;
}
