/** Calls that fail because their thread was made to stop. */
import { errno } from '../abi/errno.js';
import type { Arch } from '../abi/constants.js';
import { describe } from './call.js';
import { isSignalPending } from './proc.js';
import type { TraceeThread } from './process.js';
import type { Registers } from './registers.js';

/**
 * Whether the tracer's stop has ended the call of the thread with EINTR. Most calls go on after a stop without a signal, but not all
 * (signal(7), "Interruption of system calls and library functions by stop signals"): these must be made again.
 */
export function wasCutOff(arch: Arch, { process, tid }: TraceeThread, stopped: Registers): boolean {
  if (stopped.number < 0 || stopped.result !== BigInt(-errno.EINTR)) return false;
  const row = describe(arch, stopped)?.row;
  if (row?.facts.some(({ kind }) => kind === 'failsWhenStopped') !== true) return false;
  return !isSignalPending(process.pid, tid);
}
