/** Calls that move bytes from one descriptor to another, of which one is remote: sendfile, splice. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import { MAX_PAYLOAD } from '../../protocol/limits.js';
import type { Call } from '../call.js';
import type { RemoteDescriptor } from '../descriptors.js';
import type { Part, Steps } from '../steps.js';
import type { Context, Named } from './context.js';
import { copyBeside } from './maps.js';
import { pumpFromPipe, RESTARTS } from './pump-pipe.js';
import { factsOf, statusFlags } from './remote-file.js';
import { synchroniseAll } from './synchronise.js';

const OFFSET_BYTES = 8;

/**
 * In the tracee's own call a memfd stands for the remote file: its kernel then decides what is moved, waits, and refuses. A memfd is
 * used once, because a pipe may go on referring to its pages.
 */
export function* pump(context: Context, call: Call, words: Named<'pumps'>): Steps {
  const { descriptors } = call.thread.process;
  const from = descriptors.get(call.int(words.from));
  const to = descriptors.get(call.int(words.to));
  const route = context.routeOf(call);
  if (route.side !== 'refused' || route.errno === errno.EBADF) return yield* copyBeside(context, call);
  yield* synchroniseAll(context, call.thread, false);
  if (from) return yield* pumpFrom(context, call, words, from);
  if (to === undefined) return undefined;
  const result = yield* pumpTo(context, call, words, to);
  if (result > 0n) yield* synchroniseAll(context, call.thread, true);
  return result;
}

/** The bytes of the remote file are put into the memfd; as many of them as the call took are then behind its offset. */
function* pumpFrom(
  context: Context,
  call: Call,
  words: Named<'pumps'>,
  from: RemoteDescriptor,
): Part<bigint> {
  const { thread } = call;
  const facts = yield* factsOf(context, thread, from.number);
  if (typeof facts === 'bigint') return facts;
  if (facts.isDirectory) return BigInt(-errno.EINVAL);
  if (!facts.isRegular) return refusedMix(context, call);
  return yield* inPieces(call, words, function* (limit) {
    const place = yield* placeOf(context, call, words.at, from);
    if (typeof place === 'bigint' && place < 0n) return place;
    const { result, outputs } = yield* context.step.direct(thread, {
      number: context.step.number('pread64'),
      args: [BigInt(from.number), 0n, limit, place],
      output: { register: 1, size: Number(limit), counted: true },
    });
    if (result <= 0n) return result;
    const bytes = Buffer.from(outputs[0] ?? []);
    const moved = yield* withMemory(context, call, bytes, function* (memory) {
      const zero = yield* context.step.lend(thread, Buffer.alloc(OFFSET_BYTES));
      if (zero < 0n) return zero;
      const args = call.registers();
      args[call.index(words.from)] = memory;
      args[call.index(words.at)] = zero;
      args[call.index(words.length)] = BigInt(bytes.length);
      return yield* runUnlessSignalled(context, call, args);
    });
    if (moved > 0n) yield* moveTo(context, call, words.at, from, place + moved);
    return moved;
  });
}

/** The call moves into the memfd; what has come there is written to the remote file. */
function* pumpTo(context: Context, call: Call, words: Named<'pumps'>, to: RemoteDescriptor): Part<bigint> {
  const { thread } = call;
  const opened = yield* statusFlags(context, thread, to.number);
  if (opened < 0n) return opened;
  if ((Number(opened) & constant('O_ACCMODE')) === constant('O_RDONLY')) return BigInt(-errno.EBADF);
  if (Number(opened) & constant('O_APPEND')) return BigInt(-errno.EINVAL);
  const isOfPipe = words.flags !== undefined && call.arg(words.at) === 0n;
  return yield* inPieces(call, words, function* (limit) {
    if (isOfPipe)
      return yield* pumpFromPipe(context, call, words, limit, (bytes) =>
        writeThere(context, call, words.into, to, bytes),
      );
    return yield* withMemory(context, call, Buffer.alloc(0), function* (memory, file) {
      const args = call.registers();
      args[call.index(words.to)] = memory;
      args[call.index(words.length)] = limit;
      if (words.into !== undefined) args[call.index(words.into)] = 0n;
      const moved = yield* runUnlessSignalled(context, call, args);
      if (moved <= 0n) return moved;
      const bytes = Buffer.alloc(Number(moved));
      readSync(file, bytes, 0, bytes.length, 0);
      const written = yield* writeThere(context, call, words.into, to, bytes);
      const left = moved - (written > 0n ? written : 0n);
      if (left > 0n) yield* giveBack(context, call, words, left);
      return written;
    });
  });
}

/** Repeats a piece of at most a frame while all of it was moved. */
function* inPieces(
  call: Call,
  { length }: Named<'pumps'>,
  piece: (limit: bigint) => Part<bigint>,
): Part<bigint> {
  const wanted = call.arg(length);
  for (let done = 0n; ;) {
    const limit = wanted - done < BigInt(MAX_PAYLOAD) ? wanted - done : BigInt(MAX_PAYLOAD);
    if (limit === 0n) return done;
    const moved = yield* piece(limit);
    if (moved <= 0n) return done > 0n ? done : moved;
    done += moved;
    if (moved < limit) return done;
  }
}

/** Makes a memfd with `bytes` in the tracee, and closes it afterwards. `use` gets its number there, and a descriptor of it here. */
function* withMemory(
  context: Context,
  { thread }: Call,
  bytes: Uint8Array,
  use: (memory: bigint, file: number) => Part<bigint>,
): Part<bigint> {
  const name = yield* context.step.lend(thread, Buffer.from('bytes\0'));
  if (name < 0n) return name;
  const flags = BigInt(constant('MFD_CLOEXEC'));
  const memory = yield* context.step.local(context.step.number('memfd_create'), [name, flags]);
  // sendfile(2) has ENOMEM, and no error for a table that is full.
  if (memory < 0n) return BigInt(-errno.ENOMEM);
  const file = openSync(`/proc/${thread.process.pid}/fd/${memory}`, 'r+');
  let result: bigint;
  try {
    writeSync(file, bytes, 0, bytes.length, 0);
    result = yield* use(memory, file);
  } finally {
    closeSync(file);
  }
  yield* context.step.local(context.step.number('close'), [memory]);
  return result;
}

/** Runs the call, which may wait: not while a signal waits for it to end. */
function* runUnlessSignalled(context: Context, call: Call, args: readonly bigint[]): Part<bigint> {
  if (call.thread.postponed.length > 0) return RESTARTS;
  return yield* context.step.local(call.number, args);
}

/** Where the call begins in a remote file: at the offset that it points to, or at the file's own. */
function* placeOf(context: Context, call: Call, at: string, remote: RemoteDescriptor): Part<bigint> {
  const pointer = call.arg(at);
  if (pointer === 0n) return yield* seek(context, call, remote, 0n, constant('SEEK_CUR'));
  const offset = Buffer.alloc(OFFSET_BYTES);
  if (context.step.read(call.thread, pointer, offset) < OFFSET_BYTES) return BigInt(-errno.EFAULT);
  const place = offset.readBigInt64LE();
  return place < 0n ? BigInt(-errno.EINVAL) : place;
}

/** Moves the offset that the call is about. */
function* moveTo(
  context: Context,
  call: Call,
  at: string,
  remote: RemoteDescriptor,
  place: bigint,
): Part<void> {
  const pointer = call.arg(at);
  if (pointer === 0n) yield* seek(context, call, remote, place, constant('SEEK_SET'));
  else storeOffset(context, call, pointer, place);
}

function* seek(
  context: Context,
  call: Call,
  remote: RemoteDescriptor,
  offset: bigint,
  whence: number,
): Part<bigint> {
  const args = [BigInt(remote.number), offset, BigInt(whence)];
  const { result } = yield* context.step.direct(call.thread, { number: context.step.number('lseek'), args });
  return result;
}

function* writeThere(
  context: Context,
  call: Call,
  into: string | undefined,
  to: RemoteDescriptor,
  bytes: Uint8Array,
): Part<bigint> {
  const isPlaced = into !== undefined && call.arg(into) !== 0n;
  const place = isPlaced ? yield* placeOf(context, call, into, to) : 0n;
  if (place < 0n) return place;
  const { result } = yield* context.step.direct(call.thread, {
    number: context.step.number(isPlaced ? 'pwrite64' : 'write'),
    args: [BigInt(to.number), 0n, BigInt(bytes.length), place],
    input: [1, bytes],
    mayBlock: true,
  });
  if (isPlaced && result > 0n) storeOffset(context, call, call.arg(into), place + result);
  return result;
}

/** What the remote file did not take stays unread, where the other one is no pipe. */
function* giveBack(context: Context, call: Call, { from, at }: Named<'pumps'>, left: bigint): Part<void> {
  const pointer = call.arg(at);
  if (pointer === 0n) {
    const args = [call.arg(from), -left, BigInt(constant('SEEK_CUR'))];
    yield* context.step.local(context.step.number('lseek'), args);
    return;
  }
  const offset = Buffer.alloc(OFFSET_BYTES);
  context.step.read(call.thread, pointer, offset);
  storeOffset(context, call, pointer, offset.readBigInt64LE() - left);
}

function storeOffset(context: Context, call: Call, pointer: bigint, place: bigint): void {
  const bytes = Buffer.alloc(OFFSET_BYTES);
  bytes.writeBigInt64LE(place);
  context.step.write(call.thread, pointer, bytes);
}

function refusedMix(context: Context, call: Call): bigint {
  return context.refusal(call, {
    side: 'refused',
    errno: errno.EINVAL,
    because: 'from a remote pipe or device to this machine bytes are only read and written',
  });
}
