/** Calls that change where a process stands, or what it runs. */
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import { AT_FDCWD, type Call } from '../call.js';
import { normalise } from '../paths.js';
import type { Steps } from '../steps.js';
import type { Context, Named } from './context.js';
import { executeThere } from './execute-remote.js';
import { programBehind } from './stray-links.js';
import { linkNamedBy, lost, pathThere } from './names.js';
import { magicLinkAt, type MagicLink } from '../magic-links.js';

const onServer = {
  side: 'refused',
  errno: errno.EOPNOTSUPP,
  because: 'the program is on the server, and programs run from here',
} as const;

export function* enterDirectory(context: Context, call: Call, { into }: Named<'entersDirectory'>): Steps {
  const { process } = call.thread;
  const failed = context.readStrings(call);
  if (failed) return failed;
  const link = linkNamedBy(context, call);
  if (link) return yield* enterLink(context, call, link);
  const route = context.routeOf(call);
  if (route.side === 'refused') return context.refusal(call, route);
  if (route.side === 'local') {
    if (process.directory.remote === undefined && !route.paths) return undefined;
    const result = yield* context.step.own(call, route.paths);
    if (result === 0n) process.directory.remote = undefined;
    return result;
  }
  const { runs } = call.row;
  const name =
    runs.kind === 'pathOf'
      ? context.router.nameOf(call, runs.at)
      : process.descriptors.get(call.int(into))?.path;
  const result = yield* context.step.remote(call, route);
  if (result === 0n) process.directory.remote = name ?? '/';
  return result;
}

/** Goes where a link in /proc leads. */
function* enterLink(context: Context, call: Call, link: MagicLink): Steps {
  const { runs } = call.row;
  if (runs.kind !== 'pathOf') return undefined;
  const path = yield* pathThere(context, call, link);
  if (path === undefined) return context.refusal(call, lost(link));
  const result = yield* context.step.remote(call, { paths: new Map([[call.index(runs.at[1]), path]]) });
  if (result === 0n) call.thread.process.directory.remote = normalise(path);
  return result;
}

/** Programs run here: the path is looked up on the tracee's machine, from where the tracee believes to be. */
export function* execute(context: Context, call: Call, { at }: Named<'executes'>): Steps {
  const failed = context.readStrings(call);
  if (failed) return failed;
  const [dirfd, path] = at;
  const register = call.index(path);
  if (
    dirfd !== undefined &&
    call.strings[register] === '' &&
    call.thread.process.descriptors.get(call.int(dirfd))
  ) {
    return yield* executeDescriptor(context, call, call.int(dirfd));
  }
  const name = context.router.nameOf(call, at);
  const link = magicLinkAt(call.thread.process, name, context.processOf);
  if (link?.process === call.thread.process && link.below === '' && typeof link.of === 'number')
    return yield* executeDescriptor(context, call, link.of);
  if (context.router.exec === 'remote') {
    const own = link?.of === 'exe' ? link.process.remoteImage : undefined;
    if (own !== undefined)
      return yield* executeThere(context, call, { dirfd: AT_FDCWD, path: own, flags: 0 }, own);
    if (context.router.isSelected(call, name)) {
      const flags = followsLinks(call) ? 0 : constant('O_NOFOLLOW');
      return yield* executeThere(context, call, { ...context.router.sentFor(call, at), flags }, name);
    }
  }
  call.thread.nextImage = name;
  const moved = call.strings[register] !== name && context.router.isRelativeToRemote(call, at);
  const result = yield* context.step.own(call, moved ? new Map([[register, name]]) : undefined);
  if (result !== BigInt(-errno.ENOENT) || !context.router.isSelected(call, name)) return result;
  const behind = followsLinks(call) ? yield* programBehind(context, call, name) : undefined;
  if (behind !== undefined) {
    call.thread.nextImage = behind;
    return yield* context.step.own(call, new Map([[register, behind]]));
  }
  const { result: there } = yield* context.step.direct(call.thread, {
    number: context.step.number('faccessat'),
    args: [BigInt(constant('AT_FDCWD')), 0n, BigInt(constant('X_OK'))],
    strings: [[1, name]],
  });
  return there === 0n ? context.refusal(call, onServer) : result;
}

/** fexecve(3) of a remote descriptor: by the name that its file has. */
function* executeDescriptor(context: Context, call: Call, fd: number): Steps {
  const { thread } = call;
  const remote = thread.process.descriptors.get(fd);
  if (context.router.exec === 'local' || remote?.path === undefined) return context.refusal(call, onServer);
  const isItsName = yield* context.step.isSameFile(thread, remote.number, remote.path);
  if (!isItsName) return context.refusal(call, onServer);
  return yield* executeThere(context, call, { dirfd: AT_FDCWD, path: remote.path, flags: 0 }, remote.path);
}

/** execveat(2) with AT_SYMLINK_NOFOLLOW executes no link. */
function followsLinks(call: Call): boolean {
  return call.row.args.flags === undefined || !(call.int('flags') & constant('AT_SYMLINK_NOFOLLOW'));
}
