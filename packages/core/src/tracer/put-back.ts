/** Claimed calls that have written their results over what they were asked with (select(2)): that is put back. */
import { Rule, Saved, SET_BYTES, SET_COUNT, TIME_BYTES } from './claim-layout.js';
import type { Overwritten } from './claims-kept.js';
import { tableSize } from './proc.js';
import type { TraceeThread } from './process.js';
import type { Registers } from './registers.js';
import type { Stepper } from './steps.js';
import { bytesOfSet } from './watched.js';

/**
 * Makes the memory of a stopped thread what it was when its call began. False: that is not known, as some of it was not in memory
 * then, or there are more descriptors than are saved. What cannot be written now the call could not write either.
 */
export function putBack(
  stepper: Stepper,
  thread: TraceeThread,
  registers: Registers,
  { rule, saved }: Overwritten,
): boolean {
  const addrOf = (place: number) => registers.argument(rule[place] ?? 0);
  const bytes = overwrittenBytes(thread, registers.int(rule[Rule.count] ?? 0));
  if (saved === undefined || bytes > saved.readUInt32LE(Saved.bytes)) return false;
  for (let index = 0; index < SET_COUNT; index++) {
    const addr = addrOf(Rule.sets + index);
    const first = Saved.sets + index * SET_BYTES;
    if (addr !== 0n) stepper.write(thread, addr, saved.subarray(first, first + bytes));
  }
  const time = addrOf(Rule.time);
  if (time !== 0n) stepper.write(thread, time, saved.subarray(Saved.time, Saved.time + TIME_BYTES));
  return true;
}

/** The kernel looks at no more descriptors than its table has room for (fs/select.c: core_sys_select). */
function overwrittenBytes({ process }: TraceeThread, count: number): number {
  return bytesOfSet(count <= 64 ? Math.max(count, 0) : Math.min(count, tableSize(process.pid)));
}
