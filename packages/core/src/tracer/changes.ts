/** How a call differs from what stands in the registers. */
export interface Changes {
  /** By register: paths to send instead of the tracee's, absolute, in latin1. */
  readonly paths?: ReadonlyMap<number, string>;
  /** Bytes that earlier pieces of the same call have moved. */
  readonly done?: number;
  /** As many bytes as it moves at the most. */
  readonly limit?: number;
  /** Memory that cannot be read is sent as a bad pointer: what else is wrong with the call first, the kernel there knows. */
  readonly withBadPointers?: boolean;
  /** By index: what is sent in place of an argument. */
  readonly args?: ReadonlyMap<number, bigint>;
}
