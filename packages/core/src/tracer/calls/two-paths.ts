/** Calls on two paths: rename, link. */
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import type { PathAt, Placement } from '../../abi/vocabulary.js';
import { AT_FDCWD, type Call } from '../call.js';
import { isWithin } from '../paths.js';
import type { Part, Steps } from '../steps.js';
import type { Context } from './context.js';
import { follow } from './follow.js';

type TwoPaths = Placement & { readonly kind: 'pathsOf' };

/**
 * Where the paths lead to different sides the answer is EXDEV; but what is wrong with the call or with either path comes first, as
 * in fs/namei.c. `addsName`: the call needs a file at the first path, and none at the second.
 */
export function* followPaths(context: Context, call: Call, runs: TwoPaths, addsName: boolean): Steps {
  const failed = context.readStrings(call);
  if (failed) return failed;
  const route = context.routeOf(call);
  if (route.side === 'refused') {
    const fault = yield* faultOf(context, call, runs, addsName);
    return fault === 0n ? context.refusal(call, route) : fault;
  }
  const result = yield* follow(context, call);
  if (result === 0n && route.side === 'remote' && !addsName) renameOpen(context, call, runs);
  return result;
}

/** The negated errno of what is wrong with the call besides its sides; 0 where nothing is. */
function* faultOf(context: Context, call: Call, { from, to }: TwoPaths, addsName: boolean): Part<bigint> {
  const invalid = yield* faultOfFlags(context, call);
  if (invalid < 0n) return invalid;
  const { path } = context.router.sentFor(call, from);
  const source = yield* look(context, call, from, addsName ? path : parentOf(path));
  if (source < 0n) return source;
  const target = context.router.sentFor(call, to).path;
  const parent = yield* look(context, call, to, parentOf(target));
  if (parent < 0n || !addsName) return parent;
  const taken = yield* look(context, call, to, target);
  return taken === 0n ? BigInt(-errno.EEXIST) : 0n;
}

/** Flags are looked at before paths: the call is made on paths that lead nowhere. */
function* faultOfFlags({ step }: Context, call: Call): Part<bigint> {
  const register = call.row.names.indexOf('flags');
  if (register < 0 || call.int('flags') === 0) return 0n;
  const args = call.row.order.map((_, index) => (index === register ? BigInt(call.int('flags')) : -1n));
  const strings = call.row.order.flatMap((arg, index): [number, string][] =>
    arg.kind === 'string' ? [[index, '']] : [],
  );
  const { result } = yield* step.direct(call.thread, { number: call.number, args, strings });
  return result === BigInt(-errno.EINVAL) ? result : 0n;
}

/** Whether there is something at `path`, which begins where the call's path `at` does: 0, or a negated errno. */
function* look({ step, router }: Context, call: Call, at: PathAt, path: string): Part<bigint> {
  const number = step.number('faccessat2');
  const flags = BigInt(constant('AT_SYMLINK_NOFOLLOW'));
  if (router.isRemote(call, at)) {
    const { dirfd } = router.sentFor(call, at);
    const args = [BigInt(dirfd), 0n, 0n, flags];
    const { result } = yield* step.direct(call.thread, { number, args, strings: [[1, path]] });
    return result;
  }
  const addr = yield* step.lend(call.thread, Buffer.from(`${path}\0`, 'latin1'));
  if (addr < 0n) return addr;
  const dirfd = at[0] === undefined ? AT_FDCWD : call.int(at[0]);
  return yield* step.local(number, [BigInt(dirfd), addr, 0n, flags]);
}

/** The directory that the last component of a path is in, in a form that leads to nothing else. */
function parentOf(path: string): string {
  const end = path.replace(/\/+$/, '').lastIndexOf('/');
  if (path === '') return '';
  return end < 0 ? (path.startsWith('/') ? '/' : '.') : path.slice(0, end + 1);
}

/** Files that are open, and directories that processes are in, have the new name from now on. */
function renameOpen({ router, processes }: Context, call: Call, { from, to }: TwoPaths): void {
  const names = [router.nameOf(call, from), router.nameOf(call, to)] as const;
  const isExchange = call.row.args.flags && call.int('flags') & constant('RENAME_EXCHANGE');
  const renamed = (path: string | undefined) => {
    if (path === undefined) return undefined;
    if (isWithin(path, names[0])) return `${names[1]}${path.slice(names[0].length)}`;
    return isExchange && isWithin(path, names[1]) ? `${names[0]}${path.slice(names[1].length)}` : path;
  };
  for (const { descriptors, directory } of processes()) {
    directory.remote = renamed(directory.remote);
    for (const remote of descriptors.all()) remote.path = renamed(remote.path);
  }
}
