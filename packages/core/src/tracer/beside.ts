/** Calls in which threads wait for what is here while another call is on the server. */
import { isInterruption } from './interruption.js';
import type { Beside, TraceeThread } from './process.js';

/** Takes the result with which a thread has stopped at the exit of such a call. Whether the call has ended for good. */
export function takeExit(thread: TraceeThread, beside: Beside, result: bigint): boolean {
  thread.pastEntry = true;
  // Interrupted before the filter had let it pass, it has not looked at anything.
  if (thread.localCall === undefined || !isInterruption(result)) beside.result = result;
  return !isInterruption(result);
}
