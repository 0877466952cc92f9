/** Bytes that the server has read for a tracee whose memory did not take them, and that no offset brings back. */
import { errno } from '../../abi/errno.js';
import type { Call } from '../call.js';
import type { RemoteDescriptor } from '../descriptors.js';
import type { Steps } from '../steps.js';
import type { Context } from './context.js';
import { follow } from './follow.js';

const IOVEC_BYTES = 16;
const PIPE_PIECE = 4096;
/** Of struct linux_dirent and linux_dirent64 alike (getdents(2)). */
const RECORD_LENGTH_AT = 16;

/** Reads what an earlier read has left over: the result, or undefined where there is nothing, and the call is the server's. */
export function takeLeftover(context: Context, call: Call): bigint | undefined {
  const description = descriptorOf(call)?.description;
  const bytes = description?.leftover;
  const buffers = bytes && buffersOf(context, call);
  if (!description || !bytes || !buffers) return undefined;
  const room = buffers.reduce((sum, { length }) => sum + length, 0);
  const wanted = areRecords(call) ? wholeRecords(bytes, room) : Math.min(bytes.length, room);
  if (wanted === 0) return BigInt(room === 0 ? 0 : -errno.EINVAL);
  let taken = 0;
  for (const { addr, length } of buffers) {
    const part = bytes.subarray(taken, Math.min(taken + length, wanted));
    const written = part.length === 0 ? 0 : context.step.write(call.thread, addr, part);
    taken += Math.max(written, 0);
    if (written < part.length) break;
  }
  if (taken < wanted) taken = areRecords(call) ? wholeRecords(bytes, taken) : wholePieces(taken);
  if (taken === 0) return BigInt(-errno.EFAULT);
  description.leftover = taken < bytes.length ? bytes.subarray(taken) : undefined;
  return BigInt(taken);
}

/** The place in a directory is changed: what was left over is not what comes next. */
export function* moveOffset(context: Context, call: Call): Steps {
  const result = yield* follow(context, call);
  const description = descriptorOf(call)?.description;
  if (description && result !== undefined && result >= 0n) description.leftover = undefined;
  return result;
}

/**
 * How many of `count` bytes a pipe gives or takes where the memory of the rest is missing: whole pages, as it holds them
 * (fs/pipe.c: pipe_read, pipe_write).
 */
export function wholePieces(count: number): number {
  return count - (count % PIPE_PIECE);
}

/** How many of the first `room` bytes are whole directory entries. */
export function wholeRecords(bytes: Buffer, room: number): number {
  let whole = 0;
  while (whole + RECORD_LENGTH_AT + 2 <= Math.min(room, bytes.length)) {
    const length = bytes.readUInt16LE(whole + RECORD_LENGTH_AT);
    if (length === 0 || whole + length > room) break;
    whole += length;
  }
  return whole;
}

export function areRecords(call: Call): boolean {
  const arg = countedOf(call);
  return arg?.kind === 'bytes' && arg.as === 'records';
}

export function descriptorOf(call: Call): RemoteDescriptor | undefined {
  const { runs } = call.row;
  return runs.kind === 'ownerOf' ? call.thread.process.descriptors.get(call.int(runs.fd)) : undefined;
}

function countedOf({ row }: Call) {
  return row.success.kind === 'count' ? row.args[row.success.of] : undefined;
}

/** Where a read puts its bytes; undefined of a call that does not read, or whose memory cannot be looked at. */
function buffersOf(
  context: Context,
  call: Call,
): { readonly addr: bigint; readonly length: number }[] | undefined {
  const { success } = call.row;
  const arg = countedOf(call);
  if (success.kind !== 'count' || arg === undefined) return undefined;
  const pointer = call.arg(success.of);
  if (arg.kind === 'bytes' && arg.direction === 'out')
    return [{ addr: pointer, length: Number(call.length(arg.length)) }];
  if (arg.kind !== 'iovec' || arg.direction !== 'out') return undefined;
  const table = Buffer.alloc(Math.max(call.int(arg.count), 0) * IOVEC_BYTES);
  if (context.step.read(call.thread, pointer, table) < table.length) return undefined;
  return Array.from({ length: table.length / IOVEC_BYTES }, (_, index) => ({
    addr: table.readBigUInt64LE(index * IOVEC_BYTES),
    length: Number(table.readBigUInt64LE(index * IOVEC_BYTES + 8)),
  }));
}
