import { isInVm } from './places';

/** Where the processor is emulated, and shared with others: what has not come by then never does. */
const IN_VM_MS = 150_000;

/** How long something is waited for that takes no more than `hereMs` on a machine of its own. */
export function deadlineOf(hereMs: number): number {
  return isInVm ? IN_VM_MS : hereMs;
}
