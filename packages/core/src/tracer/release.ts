/** Lets tracees go: they run on without the tracer, with local snapshots in place of their remote files. */
import { handBack, leaveScratch, Snapshots } from './calls/hand-back.js';
import type { Context } from './calls/context.js';
import { nameOf, takeStock, type Inventory } from './calls/keepsake.js';
import { constant } from '../abi/constants.js';
import { errnoText } from '../abi/errno.js';
import type { Conductor } from './conductor.js';
import { gateOf } from './gate.js';
import type { Holder } from './holder.js';
import type { Lifecycle } from './lifecycle.js';
import type { TraceeProcess, TraceeThread } from './process.js';
import { inOrderOfSignals } from './proc.js';
import { Request } from './ptrace.js';
import { Standstill } from './standstill.js';
import type { Steps } from './steps.js';
import type { Tracees } from './tracees.js';
import { takeWish, Wish } from './wish.js';

const SIGSTOP = constant('SIGSTOP');
const SIGCONT = constant('SIGCONT');

/** What a process has of its remote descriptors when it is let go. */
export interface Parting {
  readonly pid: number;
  /** Local snapshots now: `descriptor 3 (/data/log)`. */
  readonly kept: readonly string[];
  /** What it has lost, and why: `descriptor 4 (/data/queue): it is a FIFO`. */
  readonly lost: readonly string[];
}

/** What the operator is told. */
export interface ReleaseEvents {
  /** All have been let go. */
  detached(partings: readonly Parting[]): void;
  /** They stay attached, because of what they would lose. */
  stayed(partings: readonly Parting[]): void;
}

/** What a process has, and what it keeps of that. */
interface Account {
  readonly process: TraceeProcess;
  readonly stock: Inventory;
  readonly kept: string[];
  readonly lost: string[];
}

/** A part of letting go that a thread of the process has to do. */
interface Job {
  readonly thread: TraceeThread;
  readonly steps: Steps;
}

export class Release {
  private readonly standstill: Standstill;
  private isGathering = false;
  private jobs: Generator<Job, void> | undefined;

  constructor(
    private readonly holder: Holder,
    private readonly conductor: Conductor,
    private readonly tracees: Tracees,
    private readonly lifecycle: Lifecycle,
    private readonly context: Context,
    private readonly events: ReleaseEvents,
    private readonly wishes: Int32Array,
    /** Whether they are let go whatever they lose. */
    private isForced: boolean,
  ) {
    this.standstill = new Standstill(holder, tracees);
  }

  /** Begins to do what has been asked for since the last time. */
  heed(): void {
    const wish = takeWish(this.wishes);
    if (wish === Wish.none) return;
    if (wish === Wish.detachByForce) this.isForced = true;
    this.begin();
  }

  /** The session is at its end: all are let go, whatever they lose. */
  give(): void {
    this.isForced = true;
    this.begin();
    // What was being done for it has failed.
    this.jobs = undefined;
    this.goOn();
  }

  /** Has all threads stop. */
  private begin(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    this.jobs = undefined;
    for (const thread of this.tracees.all()) {
      this.conductor.park(thread);
      this.holder.summon(thread);
    }
  }

  /** A new task has come. */
  meet(thread: TraceeThread): void {
    if (this.isGathering) thread.isSummoned = true;
  }

  /** Takes a thread that has stopped for nothing that concerns its call; false: it goes on. */
  takes(thread: TraceeThread): boolean {
    // A thread that waits for a child of vfork(2) cannot stop before that goes its way.
    if (!this.isGathering || thread.process.holdsParent) return false;
    if (thread.state === 'parked' || thread.state === 'both') {
      this.conductor.interrupted(thread, 0);
      return true;
    }
    if (thread.state !== 'running') return false;
    this.standstill.hold(thread);
    this.goOn();
    return true;
  }

  /** A thread is no more: the others may be all that were waited for. */
  goOn(): void {
    if (!this.isGathering || !this.tracees.allHeld || this.tracees.isEmpty) return;
    this.jobs ??= this.work();
    const next = this.jobs.next();
    if (next.done === true) return;
    const { thread, steps } = next.value;
    const gate = gateOf(this.context.step, thread);
    if (gate === undefined) throw new TypeError(`process ${thread.process.pid} has no syscall instruction`);
    this.conductor.carry(thread, steps, this.standstill.borrow(thread, gate));
  }

  private *work(): Generator<Job, void> {
    const accounts = [...this.tracees.processes()].map(openAccount);
    yield* forEach(accounts, (account, thread) => this.count(account, thread));
    if (!this.mayGo(accounts)) return;
    const snapshots = new Snapshots();
    yield* forEach(accounts, (account, thread) => this.settle(account, thread, snapshots));
    snapshots.settle();
    if (!this.mayGo(accounts)) return;
    for (const { process } of accounts) this.letGo(process);
    this.events.detached(accounts.map(partingOf));
  }

  private *count({ stock, lost }: Account, thread: TraceeThread): Steps {
    const { keepsakes, losses } = yield* takeStock(this.context, thread);
    stock.keepsakes.push(...keepsakes);
    lost.push(...losses.map(({ what, because }) => `${what}: ${because}`));
    return undefined;
  }

  private *settle(
    { process, stock, kept, lost }: Account,
    thread: TraceeThread,
    snapshots: Snapshots,
  ): Steps {
    for (const keepsake of stock.keepsakes) {
      // Another process with the same table has done it.
      if (process.descriptors.get(keepsake.fd) !== keepsake.remote) continue;
      const name = nameOf(keepsake.fd, keepsake.remote);
      const failed = yield* handBack(this.context, thread, keepsake, snapshots);
      if (failed < 0n) lost.push(`${name}: no snapshot of it can be made: ${errnoText(Number(-failed))}`);
      else kept.push(name);
    }
    yield* leaveScratch(this.context, thread);
    return undefined;
  }

  /** Whether all may be let go; if not, they go on as they were. */
  private mayGo(accounts: readonly Account[]): boolean {
    if (this.isForced || accounts.every(({ lost }) => lost.length === 0)) return true;
    this.isGathering = false;
    this.jobs = undefined;
    for (const thread of this.tracees.all()) this.standstill.unhold(thread);
    this.events.stayed(accounts.map(partingOf));
    return false;
  }

  private letGo(process: TraceeProcess): void {
    const threads = [...process.threads];
    // One that waits in a queue would stop the process then; SIGCONT takes it out (kernel/signal.c: prepare_signal).
    const owed = threads.find(({ owedSignal }) => owedSignal === SIGSTOP);
    const isStopped = threads.some(({ groupStopped }) => groupStopped);
    if (owed !== undefined && !isStopped) this.holder.kernel.kill(process.pid, owed.tid, SIGCONT);
    for (const thread of threads) this.lifecycle.ended(thread);
    const tids = inOrderOfSignals(
      process.pid,
      threads.map(({ tid }) => tid),
    );
    for (const tid of tids) this.holder.kernel.resume(tid, Request.detach, 0, false);
  }
}

/** The jobs of all processes that are still there, for any of their threads. */
function* forEach(
  accounts: readonly Account[],
  steps: (account: Account, thread: TraceeThread) => Steps,
): Generator<Job, void> {
  for (const account of accounts) {
    const [thread] = account.process.threads;
    if (thread) yield { thread, steps: steps(account, thread) };
  }
}

function openAccount(process: TraceeProcess): Account {
  return { process, stock: { keepsakes: [], losses: [] }, kept: [], lost: [] };
}

function partingOf({ process: { pid }, kept, lost }: Account): Parting {
  return { pid, kept, lost };
}
