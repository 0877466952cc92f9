import { errno } from '../abi/errno.js';
import type { CallStops } from './call-stops.js';
import type { ClaimStops } from './claim-stops.js';
import type { Context } from './calls/context.js';
import type { Conductor } from './conductor.js';
import type { Ending } from './ending.js';
import type { Errands } from './errands.js';
import type { Holder } from './holder.js';
import type { Lifecycle } from './lifecycle.js';
import type { TraceeThread } from './process.js';
import { decodeEvent, Request, type TraceeEvent } from './ptrace.js';
import type { Release } from './release.js';
import { wasCutOff } from './stopped-calls.js';
import type { Tracees } from './tracees.js';
import { Untold } from './untold.js';
import { Waker } from './waker.js';

/** Takes each stop of a thread, and each end, to what has to be done with it. */
export class StopServer {
  /** What the last wait has told: si_code and si_status of siginfo. */
  readonly event = new Int32Array(2);
  readonly untold: Untold;
  /** The process whose end is that of the program. */
  root = 0;
  ending: Ending | undefined;
  /** Given where eBPF programs claim calls. */
  claims: ClaimStops | undefined;
  /** How the tracees can be let go, if they can. */
  release: Release | undefined;
  /** What follows when all threads that ran when they were seized have stopped. */
  whenArrived: () => void = () => undefined;
  /** Those that have not. */
  private readonly awaited = new Set<TraceeThread>();
  private readonly waker: Waker;

  constructor(
    private readonly holder: Holder,
    private readonly errands: Errands,
    private readonly conductor: Conductor,
    private readonly callStops: CallStops,
    private readonly tracees: Tracees,
    private readonly lifecycle: Lifecycle,
    private readonly context: Context,
  ) {
    this.untold = new Untold(holder.kernel, context.step.arch);
    this.waker = new Waker(holder, tracees, context);
  }

  /** The thread was seized as it ran, and has been asked to stop. */
  expect(thread: TraceeThread): void {
    this.awaited.add(thread);
    thread.isSummoned = true;
  }

  /** Serves one tracee's change of state; false when there was none. */
  serve(tid: number): boolean {
    if (tid === -errno.ECHILD) this.tracees.clear();
    if (tid <= 0) return false;
    const event = decodeEvent(this.event[0] ?? 0, this.event[1] ?? 0);
    const thread = this.tracees.get(tid);
    if (thread === undefined) {
      this.tracees.meetUnborn(tid, event.kind === 'ended');
    } else if (event.kind === 'ended') {
      if (tid === this.root) this.ending = event;
      this.lifecycle.ended(thread);
      this.cease(thread);
    } else if (event.kind !== 'killed') {
      this.meet(thread, event);
    }
    return true;
  }

  private meet(thread: TraceeThread, event: Exclude<TraceeEvent, { kind: 'ended' | 'killed' }>): void {
    const { holder } = this;
    const isAwaited = this.awaited.has(thread);
    if (isAwaited) thread.isSummoned = false;
    if (this.claims?.meet(thread, event)) {
      this.awaitNoMore(thread);
      return;
    }
    if (isAwaited) this.arrive(thread);
    switch (event.kind) {
      case 'seccomp':
        if (thread.runsForTracer) this.errands.begun(thread);
        else this.conductor.enterAtStop(thread);
        break;
      case 'syscall':
        this.callStops.meet(thread);
        break;
      case 'spawn':
      case 'vfork': {
        const child = this.lifecycle.spawned(thread, event.kind === 'vfork');
        if (child) this.release?.meet(child);
        holder.goOn(thread);
        break;
      }
      case 'exec': {
        const { thread: survivor, steps } = this.lifecycle.executed(thread);
        this.conductor.beginProgram(survivor, steps);
        break;
      }
      case 'groupStop':
        thread.groupStopped = true;
        if (!this.release?.takes(thread)) holder.resume(thread, Request.listen);
        break;
      case 'signal':
        this.meetSignal(thread, event.signal);
        break;
      case 'trap':
        thread.groupStopped = false;
        if (thread.state === 'returning') this.conductor.comeBack(thread);
        else if (this.release?.takes(thread)) break;
        else if (thread.state === 'both') this.callStops.goOnBeside(thread);
        else if (thread.isNoticed) this.conductor.parkStopped(thread);
        else if (thread.isWoken && thread.state === 'running') this.waker.goOn(thread);
        else holder.goOn(thread);
        break;
    }
  }

  /** A thread that was running when it was seized has stopped for the first time. */
  private arrive(thread: TraceeThread): void {
    this.holder.receive(thread);
    this.awaitNoMore(thread);
  }

  private awaitNoMore(thread: TraceeThread): void {
    if (this.awaited.delete(thread) && this.awaited.size === 0) this.whenArrived();
  }

  /** Nobody has to wait for a thread that is no more. */
  private cease(thread: TraceeThread): void {
    if (!this.tracees.isEmpty) this.awaitNoMore(thread);
    this.release?.goOn();
  }

  private meetSignal(thread: TraceeThread, signal: number): void {
    switch (thread.state) {
      case 'parked':
      case 'both':
        this.conductor.interrupted(thread, signal);
        break;
      case 'returning':
        thread.signal = signal;
        this.conductor.comeBack(thread);
        break;
      case 'local':
        // Sent again when the call that the thread runs for the tracer is done.
        thread.postponed.push(signal);
        this.holder.resume(thread, Request.syscall);
        break;
      default:
        this.holder.deliver(thread, signal, this.mustCallAgain(thread, signal));
    }
  }

  /** Whether the call of a thread that stands at a signal has not been made yet, or only failed for the tracer's sake. */
  private mustCallAgain(thread: TraceeThread, signal: number): boolean {
    const { stopped } = this.holder;
    const { arch } = this.context.step;
    return this.untold.isUntold(thread, stopped) || wasCutOff(arch, thread, stopped, signal);
  }
}
