/** Calls in which threads wait for what is here while another call is on the server. */
import { errno } from '../abi/errno.js';
import { restarts } from './holder.js';
import type { Beside, TraceeThread } from './process.js';

/** epoll_wait(2) has no other result when something interrupts it, and begins again by no means of the kernel's. */
const EINTR = BigInt(-errno.EINTR);

/** Whether something has interrupted a call with that result, which may begin again. */
export function isInterruption(result: bigint): boolean {
  return restarts.has(result) || result === EINTR;
}

/** Takes the result with which a thread has stopped at the exit of such a call. Whether the call has ended for good. */
export function takeExit(thread: TraceeThread, beside: Beside, result: bigint): boolean {
  thread.pastEntry = true;
  // Interrupted before the filter had let it pass, it has not looked at anything.
  if (thread.localCall === undefined || !isInterruption(result)) beside.result = result;
  return !isInterruption(result);
}
