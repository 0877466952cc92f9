/**
 * What `rsc doctor` tries on a machine; @rsc/addon implements it, tests double it. Nothing here decides what follows.
 * Every function returns 0 when the machine allows the thing, or a negated errno, and leaves nothing behind.
 */
export interface Probes {
  /** Installs a seccomp filter in a child, and lets it answer a call. */
  probeFilter(): number;
  /** Lets the listener of a child's filter answer a call, after one more `step` of Notification. */
  probeNotification(step: number): number;
  /** Seizes a child with ptrace, stops it, reads its registers, and lets it go. */
  probeSeize(): number;
  /** Reads memory of a child. */
  probeMemory(): number;
  /** Takes a descriptor of a child. */
  probeDescriptor(): number;
  /** Makes the namespaces of a session's sandbox as this user, inside a user namespace of its own if `owned`. */
  probeNamespaces(user: number, group: number, owned: boolean): number;
  /** Loads an eBPF program that does nothing; `type` is one of ProgramType. */
  probeProgram(type: number): number;
  /** Loads and attaches the programs that claim calls, with these vetoes (ClaimMachine.openClaims). */
  probeClaims(vetoes: readonly string[]): number;
  /** Makes a socket of AF_VSOCK, which is neither bound nor connected. */
  probeVsock(): number;
  /** Gives a socket the CID of the loopback. Nothing is sent. */
  probeVsockLoopback(): number;
  /** The context id of this machine (vsock(7)), or a negated errno. */
  vsockCid(): number;
}

/** What a listener does before it answers. */
export const Notification = { answer: 0, addDescriptor: 1, syncWakeUp: 2 } as const;

/** Of enum bpf_prog_type (linux/bpf.h). */
export const ProgramType = { socketFilter: 1, rawTracepoint: 17 } as const;

/** A machine, as `rsc doctor` looks at it. */
export interface Machine {
  readonly probes: Probes;
  /** As `uname -r` prints it. */
  readonly release: string;
  /** As `uname -m` prints it. */
  readonly processor: string;
  readonly user: number;
  readonly group: number;
  /** The text of a short file without its last line end; undefined where it cannot be read. */
  read(path: string): string | undefined;
  has(path: string): boolean;
}
