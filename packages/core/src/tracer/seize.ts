/** Attaches the threads of a running process. */
import { errno, errnoName } from '../abi/errno.js';
import type { Kernel } from './kernel.js';
import { inOrderOfSignals } from './proc.js';
import { FOLLOW, Request } from './ptrace.js';
import { hasEnded, mayNot, threadsOf } from './target.js';

/**
 * Seizes all threads of a process and asks them to stop; returns their ids. Threads that they make meanwhile are traced from
 * birth. Throws RSC_ATTACH_REFUSED.
 */
export function seizeThreads(kernel: Kernel, pid: number): number[] {
  const met = new Set<number>();
  const seized: number[] = [];
  for (let found = fresh(pid, met); found.length > 0; found = fresh(pid, met)) {
    for (const tid of found) {
      met.add(tid);
      const result = kernel.resume(tid, Request.seize, FOLLOW, false);
      if (result === 0) {
        // It stops as soon as it can: what is traced and runs can be woken by signals that the process ignores.
        kernel.resume(tid, Request.interrupt, 0, false);
        seized.push(tid);
      } else if (seized.length === 0 && result !== -errno.ESRCH) {
        // Later ones were born of a thread that is traced, or have ended.
        throw mayNot(pid, `ptrace returned ${errnoName(-result)}`);
      }
    }
  }
  if (!seized.includes(pid)) throw hasEnded(pid, undefined);
  return seized;
}

/** Who gets signals comes last: a thread that is traced does not ignore them, and those that are not are woken by them. */
function fresh(pid: number, met: ReadonlySet<number>): number[] {
  const tids = threadsOf(pid).filter((tid) => !met.has(tid));
  return inOrderOfSignals(pid, tids).reverse();
}
