/** The stops of threads whose calls have been claimed: at the signal of the claim, or at whatever stops them before. */
import { constant } from '../abi/constants.js';
import { MarkFlag } from './claim-layout.js';
import { answeredHere } from './claim-lines.js';
import type { Claim } from './claim-marks.js';
import type { ClaimsKept } from './claims-kept.js';
import type { Conductor } from './conductor.js';
import type { Holder } from './holder.js';
import { isInterruption } from './interruption.js';
import { isPending } from './proc.js';
import type { Run, TraceeThread } from './process.js';
import { putBack } from './put-back.js';
import { undone } from './ran-here.js';
import type { Stepper } from './steps.js';
import { wasCutOff } from './stopped-calls.js';
import type { TraceeEvent } from './ptrace.js';

/** What claims send (bpf/claim.bpf.c: signal_for). */
const SIGWINCH = constant('SIGWINCH');
const SIGSTOP = constant('SIGSTOP');

function signalOf({ flags }: Claim): number {
  return (flags & MarkFlag.stops) === 0 ? SIGWINCH : SIGSTOP;
}

export class ClaimStops {
  constructor(
    private readonly claims: ClaimsKept,
    private readonly holder: Holder,
    private readonly conductor: Conductor,
    private readonly stepper: Stepper,
    private readonly warn: (line: string) => void,
  ) {}

  /** Serves the stop of a thread, if it has to do with a claim. */
  meet(thread: TraceeThread, event: TraceeEvent): boolean {
    if (event.kind !== 'signal' && event.kind !== 'trap') return false;
    const signal = event.kind === 'signal' ? event.signal : 0;
    const isFree = thread.state === 'running' && !thread.isNoticed;
    const claim = isFree ? this.claims.take(thread.tid, signal === SIGSTOP) : undefined;
    if (claim === undefined) return this.meetOwed(thread, signal);
    const sent = signalOf(claim);
    thread.owedSignal = 0;
    if (signal !== sent) this.expect(thread, sent);
    thread.groupStopped = false;
    const ran = this.runOf(thread, claim.number);
    const { result } = ran;
    if (signal !== 0 && signal !== sent) {
      // What has failed has no effect yet: the signal came before the call, or as it waited.
      if (result < 0n) {
        this.holder.deliver(thread, signal, !isInterruption(result) || this.wasCutOff(thread, signal));
        return true;
      }
      thread.signal = signal;
    }
    this.conductor.enterClaimed(thread, ran);
    return true;
  }

  /** How the call went. What it has written over that it was asked with is put back, and it has not run then. */
  private runOf(thread: TraceeThread, number: number): Run {
    const { stopped } = this.holder;
    const ran = { result: stopped.result, isKept: this.claims.isKept(number) };
    const overwritten = this.claims.overwritten(thread.tid, number);
    if (overwritten === undefined || ran.result < 0n) return ran;
    if (putBack(this.stepper, thread, stopped, overwritten)) return undone;
    this.warn(answeredHere(this.stepper.arch, number, thread.tid));
    return ran;
  }

  private wasCutOff(thread: TraceeThread, signal: number): boolean {
    return wasCutOff(this.stepper.arch, thread, this.holder.stopped, signal);
  }

  /**
   * Has the signal expected that a claim has sent, which is met at another stop. SIGSTOP may have been taken away by SIGCONT
   * (kernel/signal.c: prepare_signal).
   */
  private expect(thread: TraceeThread, sent: number): void {
    const { process, tid } = thread;
    thread.owedSignal = isPending(process.pid, tid, sent) ? sent : 0;
    if (thread.owedSignal === 0) this.claims.hasStopped(tid);
  }

  /** The signal of a claim that was met before. */
  private meetOwed(thread: TraceeThread, signal: number): boolean {
    if (signal === 0 || thread.owedSignal !== signal) return false;
    thread.owedSignal = 0;
    this.claims.hasStopped(thread.tid);
    if (thread.state === 'returning') {
      this.conductor.comeBack(thread);
      return true;
    }
    // It comes in the midst of a call that was begun since, and must not end what the kernel does not restart.
    this.holder.uncut(thread);
    this.holder.goOn(thread);
    return true;
  }
}
