/** struct iovec (readv(2)): the entries of a call, and the memory that they point to. */
import { errno } from '../abi/errno.js';
import { MAX_PAYLOAD } from '../protocol/limits.js';
import { MAX_COUNT } from './call.js';
import { Direction, type Layout, type Segment } from './layout.js';
import type { Pointed, ReadInto } from './pointing.js';

const POINTER_BYTES = 8;
const IOVEC_BYTES = 16;
/** UIO_MAXIOV (linux/uio.h): more entries answer EINVAL. */
const MAX_IOVECS = 1024;

/** The entries as they stand in the tracee. */
const table = Buffer.alloc(MAX_IOVECS * IOVEC_BYTES);

/** Lays the entries behind what earlier pieces have moved, as far as there is room, and what they point to. */
export function layIovecs(layout: Layout, pointed: Pointed<'iovec'>, read: ReadInto): number {
  const { call, index, arg, pointer, changes } = pointed;
  const count = Number(call.length(arg.count));
  if (count === 0) return 0;
  // The kernel there refuses them without a look at what they are.
  if (count > MAX_IOVECS) return layout.bad(index);
  const bytes = count * IOVEC_BYTES;
  if (read(table, pointer, bytes) < bytes) return changes.withBadPointers ? layout.bad(index) : -errno.EFAULT;
  const negative = firstNegative(count);
  if (negative < 0n) layNegative(layout, pointed, negative);
  else layEntries(layout, pointed, count);
  return 0;
}

function lengthAt(entry: number): bigint {
  return table.readBigInt64LE(entry * IOVEC_BYTES + POINTER_BYTES);
}

function firstNegative(count: number): bigint {
  for (let entry = 0; entry < count; entry++) if (lengthAt(entry) < 0n) return lengthAt(entry);
  return 0n;
}

/** One entry of such a length makes the whole call invalid. */
function layNegative(layout: Layout, pointed: Pointed<'iovec'>, length: bigint): void {
  const entry = Buffer.alloc(IOVEC_BYTES);
  entry.writeBigInt64LE(length, POINTER_BYTES);
  layTable(layout, pointed, entry);
}

function layEntries(layout: Layout, pointed: Pointed<'iovec'>, count: number): void {
  const { arg, changes } = pointed;
  const { done = 0, limit = MAX_PAYLOAD } = changes;
  const parent = layout.segments.length;
  const entries: Segment[] = [];
  const sent = Buffer.alloc(count * IOVEC_BYTES);
  let skip = done;
  let room = Math.min(limit, Number(MAX_COUNT) - done);
  for (let entry = 0; entry < count && room > 0; entry++) {
    const addr = table.readBigUInt64LE(entry * IOVEC_BYTES);
    const length = Number(lengthAt(entry));
    const skipped = Math.min(length, skip);
    skip -= skipped;
    const size = Math.min(length - skipped, room);
    room -= size;
    if (size === 0) continue;
    const offset = entries.length * IOVEC_BYTES;
    sent.writeBigUInt64LE(BigInt(size), offset + POINTER_BYTES);
    entries.push({
      slot: layout.slotIn(parent, offset),
      direction: arg.direction === 'in' ? Direction.in : Direction.counted,
      size,
      source: addr + BigInt(skipped),
    });
  }
  layTable(layout, pointed, sent.subarray(0, entries.length * IOVEC_BYTES));
  layout.segments.push(...entries);
}

/** Lays the entries themselves, which are as many as the call then says. */
function layTable(layout: Layout, { call, index, arg }: Pointed<'iovec'>, entries: Buffer): void {
  layout.args[call.index(arg.count)] = BigInt(entries.length / IOVEC_BYTES);
  layout.source(index, Direction.in, entries);
}
