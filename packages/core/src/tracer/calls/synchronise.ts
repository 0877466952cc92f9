/** Keeping an image and the server's file the same. */
import { errno } from '../../abi/errno.js';
import type { DirectCall } from '../marshal.js';
import type { TraceeProcess, TraceeThread } from '../process.js';
import { CHUNK_BYTES, type Hold, type Patch, type SharedImage } from '../shared-image.js';
import type { Part } from '../steps.js';
import type { Context } from './context.js';
import { factsCall, factsIn, factsOf } from './remote-file.js';

/**
 * Gives the server's file the stores that it does not have, and with `takes` the image what the file has besides. Returns 0,
 * or the negated errno of what failed.
 */
export function* synchronise(
  context: Context,
  thread: TraceeThread,
  image: SharedImage,
  takes: boolean,
): Part<bigint> {
  const { hold } = image;
  if (hold === undefined) return 0n;
  const facts = yield* factsOf(context, thread, hold.descriptor, hold.twin);
  if (typeof facts === 'bigint') return facts;
  const hasGrown = facts.size > image.size;
  image.resize(facts.size);
  const failed = yield* give(context, thread, image, hold);
  if (failed < 0n || !(takes || hasGrown)) return failed;
  return yield* fill(context, thread, image, image.chunks());
}

/** The same for all images, where it is not known whose file has changed. */
export function* synchroniseAll(context: Context, thread: TraceeThread, takes: boolean): Part<void> {
  for (const image of [...context.images.values()]) yield* synchronise(context, thread, image, takes);
}

/** Reads chunks of the file into the image. */
export function* fill(
  context: Context,
  thread: TraceeThread,
  image: SharedImage,
  offsets: Iterable<number>,
): Part<bigint> {
  for (const offset of offsets) {
    const { hold } = image;
    if (hold === undefined) return 0n;
    const read: DirectCall = {
      number: context.step.number('pread64'),
      args: [BigInt(hold.descriptor), 0n, BigInt(CHUNK_BYTES), BigInt(offset)],
      output: { register: 1, size: CHUNK_BYTES, counted: true },
    };
    const { result, outputs } = yield* context.step.direct(thread, read, hold.twin);
    if (result < 0n) return result;
    image.take(offset, outputs[0] ?? new Uint8Array());
  }
  return 0n;
}

function* give(context: Context, thread: TraceeThread, image: SharedImage, hold: Hold): Part<bigint> {
  if (!hold.writable) return 0n;
  for (const patch of image.changes()) {
    if (!image.holds.has(hold)) return 0n; // its process has ended since, and has written the rest
    const { result } = yield* context.step.direct(thread, writeOf(context, hold, patch), hold.twin);
    if (result < 0n) return result;
    image.settle({ ...patch, bytes: patch.bytes.subarray(0, Number(result)) });
    // A disk that is full: the rest fails by itself when it is tried again.
    if (Number(result) < patch.bytes.length) return BigInt(-errno.ENOSPC);
  }
  return 0n;
}

function writeOf(context: Context, { descriptor }: Hold, { offset, bytes }: Patch): DirectCall {
  return {
    number: context.step.number('pwrite64'),
    args: [BigInt(descriptor), 0n, BigInt(bytes.length), BigInt(offset)],
    input: [1, bytes],
  };
}

/** The process ends, or executes a program: its stores reach the file, and its maps are gone. */
export function leaveMaps(context: Context, process: TraceeProcess): void {
  for (const [image, hold] of process.maps.leave()) {
    if (hold.twin === process.twin) {
      if (hold.writable) postChanges(context, image, hold);
      image.holds.delete(hold);
      dropUnused(context, image);
    }
    context.step.post(process.twin, {
      number: context.step.number('close'),
      args: [BigInt(hold.descriptor)],
    });
  }
}

/** The end of the file is asked for, because nothing may be written behind it; that the rest is written nobody waits for. */
function postChanges(context: Context, image: SharedImage, hold: Hold): void {
  const facts = factsIn(context.step.ask(hold.twin, factsCall(context, hold.descriptor)));
  if (typeof facts === 'object') image.resize(facts.size);
  for (const patch of image.changes()) {
    context.step.post(hold.twin, writeOf(context, hold, patch));
    image.settle(patch);
  }
}

/** Forgets an image that no process maps. */
export function dropUnused(context: Context, image: SharedImage): void {
  if (image.holds.size > 0 || image.pins > 0 || !context.images.delete(image.file)) return;
  image.close();
}
