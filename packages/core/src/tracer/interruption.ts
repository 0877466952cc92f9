/** Results of calls that a signal has interrupted. */
import { errno } from '../abi/errno.js';

/** Internal results by which a kernel's signal delivery restarts a call (linux/errno.h). */
export const restarts: ReadonlySet<bigint> = new Set([-512n, -513n, -514n, -516n]);

/** epoll_wait(2) has no other result when something interrupts it, and begins again by no means of the kernel's. */
const EINTR = BigInt(-errno.EINTR);

/** Whether something has interrupted a call with that result, which may begin again. */
export function isInterruption(result: bigint): boolean {
  return restarts.has(result) || result === EINTR;
}
