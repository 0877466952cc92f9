/** Reads and writes: in pieces of a frame, and exact where memory is missing. */
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import { MAX_PAYLOAD } from '../../protocol/limits.js';
import { MAX_COUNT, type Call } from '../call.js';
import type { Changes } from '../changes.js';
import type { Part, Steps } from '../steps.js';
import type { Context } from './context.js';
import { areRecords, descriptorOf, takeLeftover, wholePieces, wholeRecords } from './leftover.js';
import { factsOf } from './remote-file.js';

/** Longer ones than fit a frame are made of several, until one of them comes short. */
export function* transfer(context: Context, call: Call, changes: Changes): Steps {
  const left = takeLeftover(context, call);
  if (left !== undefined) return left;
  let done = yield* context.step.remote(call, changes);
  if (isCut(context)) done = yield* mend(context, call, changes, done);
  while (done > 0n && done % BigInt(MAX_PAYLOAD) === 0n && isLonger(call, done)) {
    const rest = { ...changes, done: Number(done) };
    let more = yield* context.step.remote(call, rest);
    if (isCut(context)) more = yield* mend(context, call, rest, more);
    if (more <= 0n) break;
    done += more;
  }
  return done;
}

/** Whether the last piece met memory that is missing. */
function isCut({ step }: Context): boolean {
  return step.readable > 0 || step.cutShort !== undefined;
}

/** What the tracee's memory does not take has not been read, and what it does not have is not written. */
function* mend(context: Context, call: Call, changes: Changes, moved: bigint): Part<bigint> {
  const { readable, cutShort } = context.step;
  if (cutShort) return yield* putBack(context, call, moved, cutShort);
  return yield* writeReadable(context, call, changes, readable);
}

/** Of bytes that cannot all be read those before are written: to a file all of them. */
function* writeReadable(context: Context, call: Call, changes: Changes, readable: number): Part<bigint> {
  const remote = descriptorOf(call);
  const facts = remote && (yield* factsOf(context, call.thread, remote.number));
  const isFile = typeof facts === 'object' && facts.isRegular;
  const limit = isFile ? readable : wholePieces(readable);
  const piece: Changes = limit === 0 ? { withBadPointers: true } : { limit };
  return yield* context.step.remote(call, { ...changes, ...piece });
}

/** What could not be stored in the tracee has not been read: natively the offset would not have moved. */
function* putBack(
  context: Context,
  call: Call,
  moved: bigint,
  { bytes, stored }: { readonly bytes: Buffer; readonly stored: number },
): Part<bigint> {
  const remote = descriptorOf(call);
  if (remote === undefined || isPositioned(call)) return moved;
  if (areRecords(call)) {
    const whole = wholeRecords(bytes, stored);
    remote.description.leftover = bytes.subarray(whole);
    return BigInt(whole || -errno.EFAULT);
  }
  const { result } = yield* context.step.direct(call.thread, {
    number: context.step.number('lseek'),
    args: [BigInt(remote.number), BigInt(stored - bytes.length), BigInt(constant('SEEK_CUR'))],
  });
  if (result >= 0n) return moved;
  const whole = wholePieces(stored);
  remote.description.leftover = bytes.subarray(whole);
  return BigInt(whole || -errno.EFAULT);
}

function isPositioned({ row }: Call): boolean {
  return row.order.some((arg) => arg.kind === 'number' && arg.position);
}

function isLonger(call: Call, done: bigint): boolean {
  const { success, args } = call.row;
  const arg = success.kind === 'count' ? args[success.of] : undefined;
  if (done >= MAX_COUNT) return false;
  if (arg?.kind === 'bytes') return call.length(arg.length) > done;
  return arg?.kind === 'iovec';
}
