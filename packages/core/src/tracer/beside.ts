/** Calls in which threads wait for what is here while another call is on the server. */
import { errno } from '../abi/errno.js';
import { restarts } from './holder.js';
import type { TraceeThread } from './process.js';

/** epoll_wait(2) has no other result when something interrupts it, and begins again by no means of the kernel's. */
const EINTR = BigInt(-errno.EINTR);

/** Whether something has interrupted a call with that result, which may begin again. */
export function isInterruption(result: bigint): boolean {
  return restarts.has(result) || result === EINTR;
}

/** What a syscall stop of such a call says of it. */
export type Stage = 'begins' | 'interrupted' | 'ended';

/** Takes a syscall stop of such a call, with the result that stands in the register then. */
export function takeStop(thread: TraceeThread, result: bigint): Stage {
  const { beside, localCall } = thread;
  if (beside === undefined) throw new TypeError(`thread ${thread.tid} waits in no call of its own`);
  if (thread.expectsEntry) {
    thread.expectsEntry = false;
    beside.result = undefined;
    return 'begins';
  }
  thread.pastEntry = true;
  // If it stops again, then because the kernel makes the call once more.
  thread.expectsEntry = true;
  // Interrupted before the filter had let it pass, it has not looked at anything.
  if (localCall !== undefined && isInterruption(result)) return 'interrupted';
  beside.result = result;
  return isInterruption(result) ? 'interrupted' : 'ended';
}
