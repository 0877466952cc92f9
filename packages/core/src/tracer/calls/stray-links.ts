/** Links on the server that lead to paths of this machine: they are followed there, where nothing may be at their ends. */
import { errno } from '../../abi/errno.js';
import { AT_FDCWD, type Call } from '../call.js';
import { isWithin, resolve } from '../paths.js';
import type { Part, Steps } from '../steps.js';
import type { Context, Named } from './context.js';
import { follow } from './follow.js';

/** Of so many links, the youngest, it is known where they lead. */
const MOST_KEPT = 64;

/** symlink(2): where the link will lead astray, that is kept for whoever wonders. */
export function* makeLink(context: Context, call: Call, { target }: Named<'makesLink'>): Steps {
  const result = yield* follow(context, call);
  const { runs } = call.row;
  const leads = call.strings[call.index(target)];
  if (result !== 0n || leads === undefined || runs.kind !== 'pathOf') return result;
  const { router, strayLinks } = context;
  const name = router.nameOf(call, runs.at);
  const end = resolve(resolve(name, '..'), leads);
  if (!router.isRemote(call, runs.at) || router.isSelected(call, end)) return result;
  const [oldest] = strayLinks.keys();
  if (oldest !== undefined && strayLinks.size >= MOST_KEPT) strayLinks.delete(oldest);
  strayLinks.set(name, end);
  return result;
}

/** Tells the operator once for each syscall why a path that the tracee has just made leads nowhere. */
export function* explain(context: Context, call: Call): Part<void> {
  const { runs } = call.row;
  if (runs.kind !== 'pathOf') return;
  const name = context.router.nameOf(call, runs.at);
  for (const [link, end] of context.strayLinks) {
    if (!isWithin(name, link)) continue;
    if (yield* isLink(context, call, link)) context.complain(call, errno.ENOENT, because(link, end));
    else context.strayLinks.delete(link);
  }
}

function* isLink({ step }: Context, { thread }: Call, path: string): Part<boolean> {
  const { result } = yield* step.direct(thread, {
    number: step.number('readlinkat'),
    args: [BigInt(AT_FDCWD), 0n, 0n, 1n],
    strings: [[1, path]],
    output: { register: 2, size: 1, counted: true },
  });
  return result > 0n;
}

function because(link: string, end: string): string {
  return `${link} is a link on the server to ${end}, which is looked for there, and not here; name ${end} itself, or have it there too`;
}

/** A program that a link on the server leads to, where that is one of this machine's: its path here. */
export function* programBehind(context: Context, call: Call, name: string): Part<string | undefined> {
  const isHere = (path: string) => !context.router.isSelected(call, path);
  const end = yield* context.step.realPath(call.thread, name, isHere);
  return isHere(end) ? end : undefined;
}
