/** Calls that have failed because their thread was made to stop. */
import { constant } from '../abi/constants.js';
import type { Arch } from '../abi/constants.js';
import { errno } from '../abi/errno.js';
import { describe } from './call.js';
import { signalsOf, type SignalMasks } from './proc.js';
import type { TraceeThread } from './process.js';
import type { Registers } from './registers.js';

/** What is done with them, unless the process says otherwise, is nothing (signal(7)). */
const usuallyIgnored = [constant('SIGCHLD'), constant('SIGURG'), constant('SIGWINCH')];

/**
 * Whether the call of the thread has ended with EINTR for the tracer's sake: at its stop, or at `signal`, which would not have
 * interrupted anything without a tracer. Most calls go on then, but not all (signal(7), "Interruption of system calls and library
 * functions by stop signals"): these must be made again, unless a signal has come that has a handler.
 */
export function wasCutOff(
  arch: Arch,
  { process, tid }: TraceeThread,
  stopped: Registers,
  signal?: number,
): boolean {
  if (stopped.number < 0 || stopped.result !== BigInt(-errno.EINTR)) return false;
  const row = describe(arch, stopped)?.row;
  if (row?.facts.some(({ kind }) => kind === 'failsWhenStopped') !== true) return false;
  const masks = signalsOf(process.pid, tid);
  if ((masks.pending & ~masks.blocked & masks.caught) !== 0n) return false;
  return signal === undefined || isIgnored(signal, masks);
}

function isIgnored(signal: number, { ignored, caught }: SignalMasks): boolean {
  const bit = 1n << BigInt(signal - 1);
  return (ignored & bit) !== 0n || (usuallyIgnored.includes(signal) && (caught & bit) === 0n);
}
