/** Reads and writes: in pieces of a frame, and exact where memory is missing. */
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import { MAX_PAYLOAD } from '../../protocol/limits.js';
import type { Call } from '../call.js';
import type { Changes } from '../marshal.js';
import type { Part, Steps } from '../steps.js';
import type { Context } from './context.js';
import { areRecords, descriptorOf, takeLeftover, wholeRecords } from './leftover.js';
import { factsOf } from './remote-file.js';

/** Longer ones than fit a frame are made of several, until one of them comes short. */
export function* transfer(context: Context, call: Call, changes: Changes): Steps {
  let done = takeLeftover(context, call) ?? (yield* piece(context, call, changes));
  while (done > 0n && done % BigInt(MAX_PAYLOAD) === 0n && isLonger(call, done)) {
    const more = yield* piece(context, call, { ...changes, done: Number(done) });
    if (more <= 0n) break;
    done += more;
  }
  return done;
}

/** One frame's worth. What the tracee's memory does not take has not been read, and what it does not have is not written. */
function* piece(context: Context, call: Call, changes: Changes): Part<bigint> {
  const moved = yield* context.step.remote(call, changes);
  const { readable, cutShort } = context.step;
  if (readable > 0) return yield* writeReadable(context, call, changes, readable);
  return cutShort ? yield* putBack(context, call, moved, cutShort) : moved;
}

/** A pipe takes whole pages, where a page that is needed cannot be read (fs/pipe.c: pipe_write). */
const PIPE_PIECE = 4096;

/** Of bytes that cannot all be read those before are written: to a file all of them. */
function* writeReadable(context: Context, call: Call, changes: Changes, readable: number): Part<bigint> {
  const remote = descriptorOf(call);
  const facts = remote && (yield* factsOf(context, call.thread, remote.number));
  const isFile = typeof facts === 'object' && facts.isRegular;
  const limit = isFile ? readable : readable - (readable % PIPE_PIECE);
  return limit === 0 ? BigInt(-errno.EFAULT) : yield* context.step.remote(call, { ...changes, limit });
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
  if (result < 0n) remote.description.leftover = bytes.subarray(stored);
  return moved;
}

function isPositioned({ row }: Call): boolean {
  return row.order.some((arg) => arg.kind === 'number' && arg.position);
}

function isLonger(call: Call, done: bigint): boolean {
  const { success, args } = call.row;
  const arg = success.kind === 'count' ? args[success.of] : undefined;
  if (arg?.kind === 'bytes') return call.length(arg.length) > done;
  return arg?.kind === 'iovec';
}
