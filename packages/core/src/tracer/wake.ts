/** Threads that wait here alone for what has to do with the server from now on: they have to begin anew. */
import { errno } from '../abi/errno.js';
import { isSignalPending } from './proc.js';
import type { TraceeThread } from './process.js';
import type { Registers } from './registers.js';
import type { Stepper } from './steps.js';
import { wasCutOff } from './stopped-calls.js';

const EINTR = BigInt(-errno.EINTR);

/**
 * The number of the call by which a thread goes on that has been made to stop; undefined where the kernel sees to that, by the call
 * itself, which is caught once more, or by restart_syscall(2).
 */
export function wayBack(stepper: Stepper, thread: TraceeThread, stopped: Registers): number | undefined {
  const { process, tid, unfinished } = thread;
  const isWait = stopped.number === unfinished?.call.number && stopped.result === EINTR;
  if (isWait && !isSignalPending(process.pid, tid)) return stepper.number('restart_syscall');
  return wasCutOff(stepper.arch, thread, stopped) ? stopped.number : undefined;
}
