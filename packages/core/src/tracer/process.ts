import type { Call } from './call.js';
import type { DescriptorTable } from './descriptors.js';
import { Registers } from './registers.js';
import { SharedMaps } from './shared-maps.js';
import type { Steps } from './steps.js';

/** Where a process's relative paths begin. A remote directory is the twin's own; `path` is its name in latin1. */
export interface WorkingDirectory {
  remote: string | undefined;
}

/** One tracee process: what its threads share. */
export class TraceeProcess {
  readonly threads = new Set<TraceeThread>();
  /** The program that it runs, as an absolute local path in latin1. */
  image = '';
  /** The program of the server that it runs, as an absolute path in latin1; '' where the program is local. */
  remoteImage = '';
  /** What the process shall be called (comm in proc(5)), where the kernel named it after the copy of its image. */
  rightName = '';
  /** The last script that was executed: its interpreter, and who starts that (env(1)), open it by this name. */
  script = '';
  /** Scratch pages of tasks that have ended, for others in the same memory to use. */
  freeScratch: bigint[] = [];
  /** What it maps of remote files, shared. */
  maps = new SharedMaps();
  /** Whether it stops at the calls that change maps. */
  watchesMaps = false;
  /** Its parent waits until it executes a program, or ends (vfork(2)). */
  holdsParent = false;

  constructor(
    readonly pid: number,
    /** The number of its twin. */
    public twin: number,
    public descriptors: DescriptorTable,
    public directory: WorkingDirectory,
  ) {}
}

/** A call that has waited in part: its arguments, and when it ends as performance.now() tells. */
export interface Unfinished {
  readonly call: Call;
  readonly args: readonly bigint[];
  readonly until: number;
}

/** How a claimed call went here, before the tracer was told of it. */
export interface Run {
  readonly result: bigint;
  /** It was not refused: the result is that of the call. */
  readonly isKept: boolean;
}

/** A call of its own in which a thread waits while another one is on the server. */
export interface Beside {
  /** Its result, as far as it has one: it may begin again. Undefined: it has not begun, or has not ended. */
  result: bigint | undefined;
}

/**
 * Where a thread is. With its call on the server: `noticed`, it waits in the kernel for the answer to its notice;
 * `remote`, in a ptrace stop; `parked`, in a local pause(2), so that signals reach it, or on its way there; `both`, in a local
 * call that waits for what is here. `local`: it runs a call for the tracer. `returning`: it was asked to stop; `whenBack` goes
 * on then. `held`: it stands in a stop until its process is let go. `running`: none of these.
 */
export type ThreadState =
  'running' | 'noticed' | 'remote' | 'parked' | 'both' | 'local' | 'returning' | 'held';

/** With the call on the server, and out of the reach of signals. */
const deafStates: ReadonlySet<ThreadState> = new Set(['noticed', 'remote']);

/** One tracee thread and the call that it is in. */
export class TraceeThread {
  /** Changed by Tracees.move only, which counts. */
  state: ThreadState = 'running';
  /** The name of the call that it is in, or was in last. */
  call = '';
  /** What has become of that call so far: one of Fate (meter.ts). */
  fate = 0;
  /** When the round trip that is measured began, as performance.now() tells; 0: none is. */
  departed = 0;
  /** The steps of its call that are left, from the stop that began it to the one that ends it. */
  steps: Steps | undefined;
  /** As at the stop that began the call; with the result they are what the thread goes on with. */
  readonly registers: Registers;
  /** The id of the notice that the thread waits in the kernel for the answer to. */
  readonly notice = new Int32Array(2);
  /** Whether it does. Otherwise a thread in a call is held by a ptrace stop. */
  isNoticed = false;
  /** Whether its call has been answered, before its last step was taken. */
  isAnswered = false;
  /** The number of the call, if it was let pass when a notice told of it last; else -1. */
  passed = -1;
  /** Of a call that was claimed: how it went here, until that has been used. */
  ran: Run | undefined;
  /** Whether its call may change what processes wait for on the server. */
  changesParts = false;
  /** The signal of a claim that is still to come, the claim having been met at another stop; else 0. */
  owedSignal = 0;
  /** Whether its call, which is made again, is caught again. */
  beginsAnew = false;
  /** What to do when a returning thread has stopped. */
  whenBack: (() => void) | undefined;
  /** Whether the thread has passed the entry of its call: then it cannot be skipped, but run again from rip. */
  pastEntry = false;
  /** What follows its steps, where they are not those of a call that it has made. */
  whenDone: (() => void) | undefined;
  /** It stands at the entry of a call, or beyond, and stops at its exit (PTRACE_SYSCALL). */
  isInside = false;
  /** The same, and the call is not run: its result is in the registers. */
  isSkipped = false;
  /** Its call is not run and fails with EIO, whatever becomes of the tracer. */
  isGuarded = false;
  /** Nothing comes of its call, should it be run here. */
  isHarmless = false;
  /** It has been asked to stop, for the tracer to take it in, or to let it go. */
  isSummoned = false;
  /** What it runs for the tracer, until that is sure to have run. */
  localCall: { readonly number: number; readonly args: readonly bigint[] } | undefined;
  /** The call that it waits in beside the one that is on the server, from its start until its result was taken. */
  beside: Beside | undefined;
  /** In which round the call in flight was sent, as Conductor counts. */
  sentIn = 0;
  /** A signal whose delivery waits for the call to end. */
  signal = 0;
  /** Signals that came while it ran a call for the tracer. */
  readonly postponed: number[] = [];
  /** The call in flight was cancelled, so that the signal can be delivered. */
  cancelled = false;
  /** A call that a signal has interrupted, and with which the kernel may go on (restart_syscall(2)). */
  unfinished: Unfinished | undefined;
  /** It has been interrupted so that it begins a wait anew. */
  isWoken = false;
  /** SIGSTOP or its kin holds the process. */
  groupStopped = false;
  /** Pages of the tracer's own in the tracee's memory; 0n until they are needed. */
  scratch = 0n;
  /** The program that the thread is about to execute. */
  nextImage = '';
  /** The same of a program of the server. */
  nextRemoteImage = '';
  /** How it was named. */
  nextName = '';

  /** Whether its call is on the server. */
  get isWaiting(): boolean {
    return deafStates.has(this.state) || this.state === 'parked' || this.state === 'both';
  }

  /** Whether a call that it makes is one for the tracer. */
  get runsForTracer(): boolean {
    return this.state === 'local' || this.beside !== undefined;
  }

  /** Whether a signal has come since its call began, which has not been delivered yet. */
  get hasSignal(): boolean {
    return this.signal !== 0 || this.cancelled || this.postponed.length > 0;
  }

  constructor(
    /** execve(2) gives the thread that calls it the id of its process. */
    public tid: number,
    /** The number of its stream; never used again, unlike thread ids. */
    readonly stream: number,
    public process: TraceeProcess,
    registerCount: number,
  ) {
    this.registers = new Registers(registerCount);
    process.threads.add(this);
  }
}
