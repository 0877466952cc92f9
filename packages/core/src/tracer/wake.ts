/** Threads that wait in an epoll, here alone, when something remote gets into it: they have to begin anew. */
import { errno } from '../abi/errno.js';
import type { Epoll } from './epoll.js';
import type { TraceeThread } from './process.js';
import type { Registers } from './registers.js';

const EINTR = BigInt(-errno.EINTR);
/** Makes the kernel go on with the call by restart_syscall(2), where no handler has run (linux/errno.h). */
const ERESTART_RESTARTBLOCK = -516n;

/** Whether the thread may be waiting in the epoll by a call that it was let make alone. */
export function mayWaitIn({ state, unfinished, process }: TraceeThread, epoll: Epoll): boolean {
  if (state !== 'running' || unfinished === undefined) return false;
  const collects = unfinished.call.row.facts.find(({ kind }) => kind === 'collects');
  if (collects?.kind !== 'collects') return false;
  const fd = Number(BigInt.asIntN(32, unfinished.args[unfinished.call.index(collects.epoll)] ?? -1n));
  return process.descriptors.held(fd)?.description.epoll === epoll;
}

/** Makes a thread that has been woken from that call go on with it. Whether it was in the call. */
export function goOnWaiting({ unfinished }: TraceeThread, stopped: Registers): boolean {
  if (stopped.number !== unfinished?.call.number || stopped.result !== EINTR) return false;
  stopped.result = ERESTART_RESTARTBLOCK;
  return true;
}
