import type { Holder } from './holder.js';
import { restarts } from './interruption.js';
import type { TraceeThread } from './process.js';
import { Request } from './ptrace.js';
import type { Tracees } from './tracees.js';

/** Calls that threads make for the tracer, in the midst of their own. */
export class Errands {
  constructor(
    private readonly holder: Holder,
    private readonly tracees: Tracees,
  ) {}

  /** Makes the thread run a call for the tracer, whose exit is a syscall stop. */
  runLocally(thread: TraceeThread, number: number, args: readonly bigint[]): void {
    if (thread.isNoticed) {
      this.holder.callBack(thread, () => {
        this.runLocally(thread, number, args);
      });
      return;
    }
    this.tracees.move(thread, 'local');
    this.runOther(thread, number, args);
  }

  /** Makes the thread, which stands in a stop, wait in a call while another one is on the server. */
  waitBeside(thread: TraceeThread, number: number, args: readonly bigint[]): void {
    this.tracees.move(thread, 'both');
    thread.beside = { result: undefined };
    const begins = !thread.pastEntry;
    this.runOther(thread, number, args);
    // From the entry of its own call nothing keeps it from running this one.
    if (begins) thread.localCall = undefined;
  }

  private runOther(thread: TraceeThread, number: number, args: readonly bigint[]): void {
    const { stopped, claims, goesOn } = this.holder;
    stopped.copyFrom(thread.registers);
    for (let index = 0; index < args.length; index++) stopped.setArgument(index, args[index] ?? 0n);
    if (thread.pastEntry) stopped.rewindTo(number);
    else stopped.replaceNumber(number);
    thread.isInside = !thread.pastEntry;
    thread.isGuarded = false;
    thread.localCall = { number, args };
    // Else it is told from the program's own calls by its stops, which here all have.
    if (goesOn === Request.syscall) claims?.passOnce(thread.tid, number);
    this.holder.resumeWith(thread, Request.syscall, stopped);
  }

  /** A call for the tracer has begun at a stop of the filter: a signal that interrupts it does so in its midst. */
  begun(thread: TraceeThread): void {
    thread.localCall = undefined;
    this.begin(thread);
  }

  /** Lets a call for the tracer begin. A thread that shall come back has to be told again: any stop takes the wish for it. */
  begin(thread: TraceeThread): void {
    const { holder } = this;
    holder.resume(thread, Request.syscall);
    if (thread.state === 'returning' || (thread.state === 'both' && thread.isSummoned))
      holder.resume(thread, Request.interrupt);
  }

  /** Lets a call run that the thread makes for the tracer, and that the filter tells of as of any other. */
  letPass(thread: TraceeThread): void {
    const { notices, kernel } = this.holder;
    notices.copyId(thread.notice);
    notices.setContinue(thread.notice);
    kernel.respond();
    thread.localCall = undefined;
  }

  /** The result of a call that ran for the tracer. Undefined: a signal kept it from running, and it runs again. */
  localResult(thread: TraceeThread): bigint | undefined {
    const { result } = this.holder.stopped;
    thread.pastEntry = true;
    if (thread.localCall === undefined || !restarts.has(result)) return result;
    this.runLocally(thread, thread.localCall.number, thread.localCall.args);
    return undefined;
  }
}
