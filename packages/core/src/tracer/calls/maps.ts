/** Calls that change or synchronise shared maps of remote files. */
import { isError } from '../../abi/errno.js';
import { constant } from '../../abi/constants.js';
import type { Call } from '../call.js';
import type { SharedImage } from '../shared-image.js';
import type { Part, Steps } from '../steps.js';
import type { Context, Named } from './context.js';
import { follow } from './follow.js';
import { letGo } from './map-shared.js';
import { imageOf } from './remote-file.js';
import { fill, synchronise, synchroniseAll } from './synchronise.js';

/** What was stored reaches the file after the memory is unmapped: until then other threads may store. */
export function* unmap(context: Context, call: Call, { addr, length }: Named<'unmaps'>): Steps {
  const { thread } = call;
  const { maps } = thread.process;
  const range = [call.arg(addr), call.arg(length)] as const;
  const images = new Set(maps.within(...range).map(({ image }) => image));
  if (images.size === 0) return undefined;
  const result = yield* context.step.own(call, undefined);
  if (result !== 0n) return result;
  const gone = maps.remove(...range);
  for (const image of images) {
    const failed = yield* synchronise(context, thread, image, false);
    if (failed < 0n) context.complain(call, -Number(failed), 'not all that was stored could be written');
  }
  for (const image of gone) yield* letGo(context, thread, image);
  return result;
}

export function* remap(context: Context, call: Call, { addr, length, to, flags }: Named<'remaps'>): Steps {
  const { thread } = call;
  const { maps } = thread.process;
  const [map] = maps.within(call.arg(addr), call.arg(length) || 1n);
  if (map === undefined) return undefined;
  const from = Number(map.offset);
  const failed = yield* fill(context, thread, map.image, map.image.want(from, from + Number(call.arg(to))));
  if (failed < 0n) return failed;
  const result = yield* context.step.own(call, undefined);
  if (isError(result)) return result;
  const stays = (call.int(flags) & constant('MREMAP_DONTUNMAP')) !== 0 || call.arg(length) === 0n;
  // Stays mapped until what takes its place is known: the image must not be let go between.
  const gone = stays ? [] : maps.remove(call.arg(addr), call.arg(length));
  const covered = maps.remove(result, call.arg(to));
  maps.add({ addr: result, length: call.arg(to), image: map.image, offset: map.offset });
  for (const image of [...gone, ...covered]) {
    if (!maps.maps(image)) yield* letGo(context, thread, image);
  }
  return result;
}

export function* syncMaps(context: Context, call: Call, { addr, length, flags }: Named<'syncsMaps'>): Steps {
  const { thread } = call;
  const { maps } = thread.process;
  const images = new Set(maps.within(call.arg(addr), call.arg(length)).map(({ image }) => image));
  if (images.size === 0) return undefined;
  const result = yield* context.step.own(call, undefined);
  if (result !== 0n) return result;
  const takes = (call.int(flags) & constant('MS_INVALIDATE')) !== 0;
  for (const image of images) {
    const failed = yield* synchronise(context, thread, image, takes);
    if (failed < 0n) return failed;
    const hold = maps.holdOf(image);
    if (!(call.int(flags) & constant('MS_SYNC')) || hold === undefined) continue;
    const { result: synced } = yield* context.step.direct(thread, {
      number: context.step.number('fdatasync'),
      args: [BigInt(hold.descriptor)],
    });
    if (synced < 0n) return synced;
  }
  return result;
}

/**
 * fsync, locks and changes of length: stores reach the file before the call, and after it the image has what others wrote. So
 * maps are coherent between sessions where locks are what programs agree by, as in NFS.
 */
export function* syncFile(context: Context, call: Call, { fd }: Named<'syncsFile'>): Steps {
  const image = yield* imageBehind(context, call, fd);
  if (image === undefined) return yield* follow(context, call);
  const failed = yield* synchronise(context, call.thread, image, false);
  if (failed < 0n) return failed;
  const result = yield* follow(context, call);
  if (result === 0n) yield* synchronise(context, call.thread, image, true);
  return result;
}

/** A file that is known by its path gets another length: it may be one that is mapped. */
export function* resize(context: Context, call: Call): Steps {
  const result = yield* follow(context, call);
  if (result === 0n) yield* synchroniseAll(context, call.thread, false);
  return result;
}

/** A read sees what is stored in maps of the file, and maps see what is written to it. */
export function* transferBeside(context: Context, call: Call, fd: string, writes: boolean): Steps {
  const image = yield* imageBehind(context, call, fd);
  if (image === undefined) return yield* follow(context, call);
  const failed = yield* synchronise(context, call.thread, image, false);
  if (failed < 0n) return failed;
  const result = yield* follow(context, call);
  if (writes && result !== undefined && result > 0n) {
    yield* synchronise(context, call.thread, image, true);
  }
  return result;
}

/** Bytes go from one remote file to another: either may be one that is mapped. */
export function* copyBeside(context: Context, call: Call): Steps {
  yield* synchroniseAll(context, call.thread, false);
  const result = yield* follow(context, call);
  if (result !== undefined && result > 0n) yield* synchroniseAll(context, call.thread, true);
  return result;
}

function* imageBehind(context: Context, call: Call, fd: string): Part<SharedImage | undefined> {
  const { thread } = call;
  const remote = thread.process.descriptors.get(call.int(fd));
  return remote && (yield* imageOf(context, thread, remote));
}
