/** Calls that change where a process stands, or what it runs. */
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import type { Call } from '../call.js';
import type { Steps } from '../steps.js';
import type { Context, Named } from './context.js';

const onServer = {
  side: 'refused',
  errno: errno.EOPNOTSUPP,
  because: 'the program is on the server, and programs run from here',
} as const;

export function* enterDirectory(context: Context, call: Call, { into }: Named<'entersDirectory'>): Steps {
  const { process } = call.thread;
  const failed = context.readStrings(call);
  if (failed) return failed;
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
    return context.refusal(call, onServer);
  }
  const name = context.router.nameOf(call, at);
  call.thread.nextImage = name;
  const moved = call.strings[register] !== name && context.router.isRelativeToRemote(call, at);
  const result = yield* context.step.own(call, moved ? new Map([[register, name]]) : undefined);
  if (result !== BigInt(-errno.ENOENT) || !context.router.isSelected(call, name)) return result;
  const { result: there } = yield* context.step.direct(call.thread, {
    number: context.step.number('faccessat'),
    args: [BigInt(constant('AT_FDCWD')), 0n, BigInt(constant('X_OK'))],
    strings: [[1, name]],
  });
  return there === 0n ? context.refusal(call, onServer) : result;
}
