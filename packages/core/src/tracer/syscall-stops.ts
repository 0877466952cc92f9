/** The stops of threads that stop at every call, at its entry and at its exit (PTRACE_SYSCALL). */
import type { Traps } from './filter.js';
import type { TraceeThread } from './process.js';
import type { Registers } from './registers.js';

/** Knows the calls that are caught from those that only pass. */
export class SyscallStops {
  constructor(
    private readonly traps: Traps,
    /** What is caught besides, of processes that watch their maps. */
    private readonly mapTraps: Traps,
  ) {}

  /** Whether the call is caught at whose entry the thread has stopped. */
  catches({ process }: TraceeThread, stopped: Registers): boolean {
    return isCaught(stopped, this.traps) || (process.watchesMaps && isCaught(stopped, this.mapTraps));
  }
}

/** The same that the filter says which buildFilter makes. */
function isCaught(stopped: Registers, { caught, lastKnown }: Traps): boolean {
  const { number } = stopped;
  if (stopped.isCompat || number >>> 0 > lastKnown) return true;
  const trap = caught.get(number);
  if (trap?.unless === undefined) return trap !== undefined;
  return (stopped.int(trap.unless.argument) & trap.unless.bits) === 0;
}
