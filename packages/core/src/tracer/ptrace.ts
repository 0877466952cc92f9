/** The numbers of ptrace(2) and waitid(2) that the tracer uses: linux/ptrace.h, asm-generic/siginfo.h. */

export const Request = {
  continue: 7,
  detach: 17,
  syscall: 24,
  seize: 0x4206,
  interrupt: 0x4207,
  listen: 0x4208,
} as const;

/** PTRACE_O_*: syscall stops are told from signals, and all descendants are followed. */
export const FOLLOW =
  0x1 /* TRACESYSGOOD */ |
  0x2 /* TRACEFORK */ |
  0x4 /* TRACEVFORK */ |
  0x8 /* TRACECLONE */ |
  0x10; /* TRACEEXEC */
/** Filters stop their threads (SECCOMP_RET_TRACE). */
export const STOP_AT_FILTERS = 0x80; /* TRACESECCOMP */
/** The tracees die with the tracer. */
export const END_WITH_TRACER = 0x100000; /* EXITKILL */

const SIGTRAP = 5;
/** `none`: what the addon has in its place for a thread that has been killed in its stop. */
const CLD = { none: 0, exited: 1, killed: 2, dumped: 3 } as const;
const PTRACE_EVENT: Readonly<Record<number, 'spawn' | 'vfork' | 'exec' | 'seccomp' | 'stop'>> = {
  1: 'spawn', // fork
  2: 'vfork',
  3: 'spawn', // clone
  4: 'exec',
  7: 'seccomp',
  128: 'stop',
};

/** What a wait has told of a thread. */
export type TraceeEvent =
  | { readonly kind: 'ended'; readonly status: number; readonly signal: number }
  /** It had stopped and has been killed since: its end comes next, and the registers are not its own. */
  | { readonly kind: 'killed' }
  /** A signal is about to be delivered. */
  | { readonly kind: 'signal'; readonly signal: number }
  /** SIGSTOP or its kin has stopped the whole process. */
  | { readonly kind: 'groupStop' }
  /** PTRACE_INTERRUPT, the first stop of a new task, or the end of a group stop. */
  | { readonly kind: 'trap' }
  /** The entry or the exit of a system call. */
  | { readonly kind: 'syscall' }
  /** `vfork`: it waits for the new task. */
  | { readonly kind: 'seccomp' | 'spawn' | 'vfork' | 'exec' };

const killed = { kind: 'killed' } as const;
const trap = { kind: 'trap' } as const;
const syscall = { kind: 'syscall' } as const;
const groupStop = { kind: 'groupStop' } as const;
const seccomp = { kind: 'seccomp' } as const;

/** Reads siginfo's code and status as ptrace(2) fills them: the low byte a signal, the next a ptrace event. */
export function decodeEvent(code: number, status: number): TraceeEvent {
  if (code === CLD.exited) return { kind: 'ended', status, signal: 0 };
  if (code === CLD.killed || code === CLD.dumped) return { kind: 'ended', status: 0, signal: status };
  if (code === CLD.none) return killed;
  if (status === (SIGTRAP | 0x80)) return syscall;
  const event = PTRACE_EVENT[status >> 8];
  if (event === undefined) return { kind: 'signal', signal: status & 0x7f };
  if (event === 'seccomp') return seccomp;
  if (event !== 'stop') return { kind: event };
  return (status & 0x7f) === SIGTRAP ? trap : groupStop;
}
