/** Attaches the threads of a running process. */
import { errno, errnoName } from '../abi/errno.js';
import type { Kernel } from './kernel.js';
import { FOLLOW, Request } from './ptrace.js';
import { cannot, hasEnded, threadsOf } from './target.js';

/**
 * Seizes all threads of a process, none of which stops for it; returns their ids. Threads that they make meanwhile are traced from
 * birth. Throws RSC_ATTACH_REFUSED.
 */
export function seizeThreads(kernel: Kernel, pid: number): number[] {
  seize(kernel, pid, pid);
  const met = new Set([pid]);
  const seized = [pid];
  for (let found = fresh(pid, met); found.length > 0; found = fresh(pid, met)) {
    for (const tid of found) {
      met.add(tid);
      // Refused where the thread was born of one that is traced, or has ended.
      if (kernel.resume(tid, Request.seize, FOLLOW, false) === 0) seized.push(tid);
    }
  }
  return seized;
}

function fresh(pid: number, met: ReadonlySet<number>): number[] {
  return threadsOf(pid).filter((tid) => !met.has(tid));
}

function seize(kernel: Kernel, pid: number, tid: number): void {
  const result = kernel.resume(tid, Request.seize, FOLLOW, false);
  if (result === 0) return;
  if (result === -errno.ESRCH) throw hasEnded(pid, undefined);
  throw cannot(
    pid,
    `ptrace returned ${errnoName(-result)}`,
    'run rsc as the owner of the process, or with CAP_SYS_PTRACE; rsc doctor says what forbids it',
  );
}
