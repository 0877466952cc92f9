/** The stops of threads whose calls have been claimed: at the signal of the claim, or at whatever stops them before. */
import { constant } from '../abi/constants.js';
import type { Arch } from '../abi/constants.js';
import type { ClaimsKept } from './claims-kept.js';
import type { Conductor } from './conductor.js';
import type { Holder } from './holder.js';
import { isInterruption } from './interruption.js';
import { arePending } from './proc.js';
import type { TraceeThread } from './process.js';
import { wasCutOff } from './stopped-calls.js';
import type { TraceeEvent } from './ptrace.js';

/** What claims send (bpf/claim.bpf.c: signal_for). */
const ownSignals = [constant('SIGWINCH'), constant('SIGSTOP')];

export class ClaimStops {
  constructor(
    private readonly claims: ClaimsKept,
    private readonly holder: Holder,
    private readonly conductor: Conductor,
    private readonly arch: Arch,
  ) {}

  /** Serves the stop of a thread, if it has to do with a claim. */
  meet(thread: TraceeThread, event: TraceeEvent): boolean {
    if (event.kind !== 'signal' && event.kind !== 'trap') return false;
    const signal = event.kind === 'signal' ? event.signal : 0;
    const isFree = thread.state === 'running' && !thread.isNoticed;
    const number = isFree ? this.claims.take(thread.tid) : -1;
    if (number < 0) return this.meetOwed(thread, signal);
    thread.isOwedSignal = !ownSignals.includes(signal) && this.isOwed(thread);
    thread.groupStopped = false;
    const { result } = this.holder.stopped;
    if (signal !== 0 && !ownSignals.includes(signal)) {
      // What has failed has no effect yet: the signal came before the call, or as it waited.
      if (result < 0n) {
        this.holder.deliver(thread, signal, !isInterruption(result) || this.wasCutOff(thread, signal));
        return true;
      }
      thread.signal = signal;
    }
    this.conductor.enterClaimed(thread, { result, isKept: this.claims.isKept(number) });
    return true;
  }

  private wasCutOff(thread: TraceeThread, signal: number): boolean {
    return wasCutOff(this.arch, thread, this.holder.stopped, signal);
  }

  /** The signal of a claim that was met before. */
  private meetOwed(thread: TraceeThread, signal: number): boolean {
    if (!thread.isOwedSignal || !ownSignals.includes(signal)) return false;
    thread.isOwedSignal = false;
    if (thread.state === 'returning') this.conductor.comeBack(thread);
    else this.holder.goOn(thread);
    return true;
  }

  /** Not where SIGCONT has taken it away (kernel/signal.c: prepare_signal). */
  private isOwed({ process, tid }: TraceeThread): boolean {
    return arePending(process.pid, tid, ownSignals);
  }
}
