/** Stops at the entry and the exit of a call (PTRACE_SYSCALL), a thread's own or one that it makes for the tracer. */
import { takeExit } from './beside.js';
import type { Conductor } from './conductor.js';
import type { Errands } from './errands.js';
import type { Holder } from './holder.js';
import { restarts } from './interruption.js';
import type { Beside, TraceeThread } from './process.js';
import type { SyscallStops } from './syscall-stops.js';

export class CallStops {
  /** Given where threads stop at every call. */
  every: SyscallStops | undefined;

  constructor(
    private readonly holder: Holder,
    private readonly errands: Errands,
    private readonly conductor: Conductor,
  ) {}

  /** Serves such a stop. */
  meet(thread: TraceeThread): void {
    thread.isInside = !thread.isInside;
    if (thread.beside) this.meetBeside(thread, thread.beside);
    else if (thread.state === 'local') this.meetForTracer(thread);
    else if (!thread.isInside) this.holder.leaveCall(thread);
    else if (this.every?.catches(thread, this.holder.stopped)) this.conductor.enterAtStop(thread);
    else this.holder.goOn(thread);
  }

  /** Whether the call for the tracer begins that a thread stands at the entry of: no filter has its say before. */
  private isBegun({ localCall }: TraceeThread): boolean {
    return this.every !== undefined || this.holder.claims?.mayClaim(localCall?.number ?? -1) === true;
  }

  private meetForTracer(thread: TraceeThread): void {
    if (!thread.isInside) {
      const result = this.errands.localResult(thread);
      if (result !== undefined) this.conductor.advance(thread, result);
    } else if (this.isBegun(thread)) {
      this.errands.begun(thread);
    } else {
      // The filter has its say before the call begins.
      this.holder.goOn(thread);
    }
  }

  /** The same of a thread whose call there is not needed any more when the one here ends. */
  private meetBeside(thread: TraceeThread, beside: Beside): void {
    const { holder, errands, conductor } = this;
    if (thread.isInside) {
      beside.result = undefined;
      if (this.isBegun(thread)) errands.begun(thread);
      else errands.begin(thread);
      return;
    }
    const hasEnded = takeExit(thread, beside, holder.stopped.result);
    if (thread.state === 'returning') conductor.comeBack(thread);
    else if (hasEnded) conductor.cancel(thread);
    else if (thread.isSummoned) conductor.interrupted(thread, 0);
    else holder.goOn(thread);
  }

  /** Lets a thread go on that something else has stopped in such a call. */
  goOnBeside(thread: TraceeThread): void {
    if (thread.beside?.result !== undefined && !restarts.has(thread.beside.result))
      this.conductor.cancel(thread);
    else this.holder.goOn(thread);
  }
}
