import type { Holder } from './holder.js';
import type { TraceeThread } from './process.js';
import { Request } from './ptrace.js';
import { Registers } from './registers.js';
import type { Tracees } from './tracees.js';

/** Keeps threads in the stops that they are in, and lends them to the tracer meanwhile. */
export class Standstill {
  constructor(
    private readonly holder: Holder,
    private readonly tracees: Tracees,
  ) {}

  /** Keeps a thread in the stop that it is in. */
  hold(thread: TraceeThread): void {
    this.holder.receive(thread);
    thread.registers.copyFrom(this.holder.stopped);
    this.tracees.move(thread, 'held');
  }

  /**
   * Makes a held thread one that runs calls for the tracer, by the instruction before `gate`. Returns what puts it back into the
   * stop in which it was.
   */
  borrow(thread: TraceeThread, gate: bigint): () => void {
    const own = new Registers(this.holder.kernel.registerCount);
    own.copyFrom(thread.registers);
    thread.registers.leadTo(gate);
    thread.pastEntry = true;
    return () => {
      thread.registers.copyFrom(own);
      thread.isSummoned = true;
      this.holder.leave(thread);
    };
  }

  /** Lets a held thread go on as it was. */
  unhold(thread: TraceeThread): void {
    this.tracees.move(thread, 'running');
    this.holder.resume(thread, thread.groupStopped ? Request.listen : this.holder.goesOn);
  }
}
