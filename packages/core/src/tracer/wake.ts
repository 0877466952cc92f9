/** Threads that wait in an epoll, here alone, when something remote gets into it: they have to begin anew. */
import { errno } from '../abi/errno.js';
import type { Epoll } from './epoll.js';
import { isSignalPending } from './proc.js';
import type { TraceeThread } from './process.js';
import type { Registers } from './registers.js';

const EINTR = BigInt(-errno.EINTR);

/** Whether the thread may be waiting in the epoll by a call that it was let make alone. */
export function mayWaitIn({ state, unfinished, process }: TraceeThread, epoll: Epoll): boolean {
  if (state !== 'running' || unfinished === undefined) return false;
  const collects = unfinished.call.row.facts.find(({ kind }) => kind === 'collects');
  if (collects?.kind !== 'collects') return false;
  const fd = Number(BigInt.asIntN(32, unfinished.args[unfinished.call.index(collects.epoll)] ?? -1n));
  return process.descriptors.held(fd)?.description.epoll === epoll;
}

/** Whether a thread that has been woken was in that call, which no signal has ended. */
export function wasCutOff({ unfinished, process, tid }: TraceeThread, stopped: Registers): boolean {
  if (stopped.number !== unfinished?.call.number || stopped.result !== EINTR) return false;
  return !isSignalPending(process.pid, tid);
}
