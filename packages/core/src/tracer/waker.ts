import { Request } from './ptrace.js';
import { ERESTART_RESTARTBLOCK } from './calls/wait.js';
import type { Context } from './calls/context.js';
import type { Description } from './descriptors.js';
import type { Holder } from './holder.js';
import type { TraceeThread } from './process.js';
import type { Tracees } from './tracees.js';

/** Makes threads begin anew that wait, here alone, for what has to do with the server from now on. */
export class Waker {
  constructor(
    private readonly holder: Holder,
    private readonly tracees: Tracees,
    context: Context,
  ) {
    context.wakeWaiters = (description) => {
      this.wake(description);
    };
  }

  /** Makes the threads stop, if they wait, that have a descriptor of the open file. */
  private wake(description: Description): void {
    // What they begin anew has to be claimed, and the call that has changed this goes on.
    this.holder.claims?.recount();
    for (const thread of this.tracees.all()) {
      if (thread.state !== 'running' || !thread.process.descriptors.has(description)) continue;
      thread.isWoken = true;
      this.holder.resume(thread, Request.interrupt);
    }
  }

  /** Such a thread has stopped: the kernel makes its call again, or the tracer does; it is caught then. */
  goOn(thread: TraceeThread): void {
    const { holder } = this;
    const { number, result } = holder.stopped;
    // A wait that was not claimed when it began, so that nobody knows since when: it takes its whole time.
    const isUnknown = holder.claims && thread.unfinished?.call.number !== number;
    if (isUnknown && result === ERESTART_RESTARTBLOCK) holder.deliver(thread, 0, true);
    else holder.leaveStop(thread);
    thread.isWoken = false;
  }
}
