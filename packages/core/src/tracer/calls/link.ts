/** Giving an open file a name. */
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import type { Call } from '../call.js';
import { magicLinkAt } from '../magic-links.js';
import type { Steps } from '../steps.js';
import type { Context, Named } from './context.js';
import { followPaths } from './two-paths.js';

/** linkat(2) from /proc/self/fd/N: in the twin the open file is named by its descriptor. */
export function* link(context: Context, call: Call, { from, flags }: Named<'links'>): Steps {
  const { process } = call.thread;
  const { runs } = call.row;
  if (runs.kind !== 'pathsOf') return undefined;
  if (process.descriptors.isEmpty || !(call.int(flags) & constant('AT_SYMLINK_FOLLOW')))
    return yield* followPaths(context, call, runs, true);
  const failed = context.readStrings(call);
  if (failed) return failed;
  const named = magicLinkAt(process, context.router.nameOf(call, from), context.processOf);
  const isOpenFile = named?.process === process && named.below === '' && typeof named.of === 'number';
  const open = isOpenFile ? process.descriptors.get(Number(named.of)) : undefined;
  if (open === undefined) return yield* followPaths(context, call, runs, true);
  if (!context.router.isRemote(call, runs.to)) return BigInt(-errno.EXDEV);
  const { dirfd, path } = context.router.sentFor(call, runs.to);
  const { result } = yield* context.step.direct(call.thread, {
    number: call.number,
    args: [BigInt(open.number), 0n, BigInt(dirfd), 0n, BigInt(constant('AT_EMPTY_PATH'))],
    strings: [
      [call.index(from[1]), ''],
      [call.index(runs.to[1]), path],
    ],
  });
  return result;
}
