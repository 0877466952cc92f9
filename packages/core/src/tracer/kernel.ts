/**
 * What the tracer needs of the machine that it runs on. @rsc/addon implements it with ptrace(2); tests double it. Nothing
 * here decides: numbers, flags and registers come from the caller. Unless said otherwise a function returns 0 or a
 * count, or a negated errno. Every function but `interrupt` is only
 * called from one thread, the tracer's.
 */
export interface Kernel {
  /** How many 64-bit words the registers of a thread are (struct user_regs_struct). */
  readonly registerCount: number;

  /**
   * Makes this thread the one that `wait` serves, and that the end of `socket`, and bytes on it, may interrupt. `event`
   * and `registers` are what `wait` fills and `resume` reads. Throws MachineError.
   */
  prepare(socket: number, event: Int32Array, registers: BigUint64Array): void;
  /** `notice` is what `receiveNotice` fills, `response` what `respond` sends. */
  prepareNotices(notice: BigUint64Array, response: BigUint64Array): void;
  /**
   * Makes `receiveNotice` copy the strings of a call too: `masks` has for each number a bit for each argument that is one.
   * That of argument i goes to byte 4096 i of `texts`, its length or a negated errno, as of readString, to `lengths`.
   */
  prepareStrings(masks: Uint8Array, texts: Uint8Array, lengths: Int32Array): void;
  /**
   * Starts a program, seized with `options`, under the seccomp filter; with an empty one it stops before it executes the
   * program. With `listen` the filter's notices are this thread's, unless the process has ended already. Throws
   * MachineError.
   */
  spawn(
    file: string,
    argv: readonly string[],
    envp: readonly string[],
    filter: Buffer,
    options: number,
    listen: boolean,
  ): { readonly pid: number; readonly listens: boolean; readonly report: number };
  /** Once the program runs or has ended: why it could not be executed, if so. Closes `report`. */
  readFailure(report: number): MachineFailure | undefined;

  /**
   * Waits for a tracee: its thread id; 0 when the wait was interrupted, or without `block` none has stopped; -ECHILD
   * without tracees. Fills the event with si_code and si_status (waitid(2)) and, for a stopped thread, the registers; the code is 0
   * where it has been killed since, and has none.
   */
  wait(block: boolean): number;
  /**
   * Receives the notice of a call: the id of its thread; 0 when there is none: without `block`, interrupted, or with
   * bytes on `socket` (-1: they do not matter). Tracees that stop or end interrupt it.
   */
  receiveNotice(socket: number, block: boolean): number;
  /** Answers a call as the response says: 0; -ENOENT when it does not wait for an answer any more. */
  respond(): number;
  /**
   * Answers a call with a placeholder at the lowest free number of its process, marked by the descriptor flags O_CLOEXEC
   * or 0: the number; -ENOENT as `respond`; another errno (EMFILE), with the call still unanswered.
   */
  respondWithPlaceholder(flags: number): number;
  /** Interrupts the wait of the thread that called `prepare`, if one has; from any thread. */
  interrupt(): void;
  /** Interrupts a wait once, after `ms`. */
  setAlarm(ms: number): number;
  /** Whether a wait may have been interrupted since the last call: a tracee, bytes on the socket, or the alarm. */
  takeInterrupt(): boolean;
  /**
   * A ptrace request that takes only a signal or options (PTRACE_CONT, _SYSCALL, _LISTEN, _INTERRUPT, _SEIZE, _DETACH), after
   * PTRACE_SETREGS if so.
   */
  resume(thread: number, request: number, data: number, setRegisters: boolean): number;
  /** PTRACE_SETREGS, of a thread that stays stopped. */
  setRegisters(thread: number): number;
  /** PTRACE_GETEVENTMSG: the id of a new task, or the former id of the thread that executed a program. */
  eventMessage(thread: number): number;
  kill(process: number, thread: number, signal: number): number;

  /** Gives the segments that `readMemory` and `writeMemory` use where they are given none. */
  prepareSegments(segments: BigUint64Array): void;
  /**
   * Copies `count` segments of tracee memory into `buffer`. `segments` holds triples: address, length in bytes, offset
   * in the buffer. Returns the bytes copied, which are fewer when memory could not be reached.
   */
  readMemory(
    process: number,
    buffer: Uint8Array,
    segments: BigUint64Array | undefined,
    count: number,
  ): number;
  /** The same in the other direction. */
  writeMemory(
    process: number,
    buffer: Uint8Array,
    segments: BigUint64Array | undefined,
    count: number,
  ): number;
  /** Length in bytes, without NUL, of the string at `addr`; -ENAMETOOLONG when it does not end within `max` bytes. */
  readString(process: number, addr: bigint, buffer: Uint8Array, offset: number, max: number): number;
}

/** The connected socket of a session, as bytes; the same rules as for Kernel. */
export interface Wire {
  /** A connected, blocking socket. Throws MachineError. */
  connectTcp(ip: string, port: number, timeoutMs: number): number;
  connectUnix(path: string, timeoutMs: number): number;
  /** The socket's own CID is `from`. */
  connectVsock(from: number, cid: number, port: number, timeoutMs: number): number;
  /** How long a blocking `receive` waits, in ms; 0: for ever. */
  setReceiveTimeout(socket: number, ms: number): number;
  /** Whether bytes that arrive interrupt the thread that called `prepare`. */
  setInterrupting(socket: number, on: boolean): number;
  /** How many bytes the socket took at once; 0: it is full. */
  send(socket: number, buffer: Uint8Array, offset: number, length: number): number;
  /**
   * How many bytes came; 0: the peer has closed; -EAGAIN: none within the time, or interrupted. What may interrupt
   * `wait` interrupts it when it blocks, and so do tracees.
   */
  receive(socket: number, buffer: Uint8Array, offset: number, length: number, block: boolean): number;
  /**
   * Takes bytes up to and with the first line feed, and none that follow: how many they are; 0: the peer has closed before;
   * -ETIMEDOUT; -EMSGSIZE when they do not fit.
   */
  receiveLine(socket: number, buffer: Uint8Array, timeoutMs: number): number;
  /** Waits until the socket takes bytes, or has some. */
  awaitWritable(socket: number): number;
  /** Waits until the socket has bytes, or has ended; no tracee interrupts it. */
  awaitReadable(socket: number): number;
  /** Ends the connection. */
  hangUp(socket: number): number;
}

/** Which set-up call failed, and its errno. */
export interface MachineFailure {
  readonly step: string;
  readonly errno: number;
  /** What the loader of eBPF programs tells besides, in lines. */
  readonly log?: string;
}

/** What a Kernel's set-up functions throw. */
export type MachineError = Error & MachineFailure;

export function isMachineError(error: unknown): error is MachineError {
  return error instanceof Error && 'errno' in error && 'step' in error;
}
