/** Paths of this machine that name what is remote: /proc/self/fd/N, /dev/stdin, /proc/PID/cwd. */
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import { PATH_MAX, type Call } from '../call.js';
import { magicLinkAt, type MagicLink } from '../magic-links.js';
import { climbs, normalise } from '../paths.js';
import type { Refused } from '../router.js';
import type { Part } from '../steps.js';
import type { Context } from './context.js';
import { followThere } from './follow.js';

/** The link in /proc or /dev by which the call names what is remote, unless it is about the link itself. */
export function linkNamedBy(context: Context, call: Call): MagicLink | undefined {
  const { runs } = call.row;
  if (runs.kind !== 'pathOf') return undefined;
  const given = call.strings[call.index(runs.at[1])] ?? '';
  if (given === '') return undefined;
  // What `..` leads to behind a link, the server knows.
  const name = given.startsWith('/') && climbs(given) ? given : context.router.nameOf(call, runs.at);
  const link = magicLinkAt(call.thread.process, name, context.processOf);
  // The root is of both sides.
  if (link?.of === 'root' && !context.router.isSelected(call, normalise(link.below || '/'))) return undefined;
  return link && (link.below !== '' || !isAboutLink(context, call)) ? link : undefined;
}

function isAboutLink(context: Context, call: Call): boolean {
  const fact = call.row.facts.find(({ kind }) => kind === 'takesLink');
  if (fact?.kind !== 'takesLink') return false;
  const { flags, bit } = fact;
  return flags === undefined || bit === undefined || (context.flagsOf(call, flags) & constant(bit)) !== 0;
}

/** The call is about what the link leads to: on the server by its path there, as long as that is known. */
export function* followLink(context: Context, call: Call, link: MagicLink): Part<bigint | undefined> {
  const { runs, facts } = call.row;
  if (runs.kind !== 'pathOf') return undefined;
  const readsLink = facts.find((fact) => fact.kind === 'readsLink');
  if (readsLink?.kind === 'readsLink' && link.below === '')
    return storeLink(context, call, readsLink.into, yield* textOf(context, call, link));
  const path = yield* pathThere(context, call, link);
  if (path === undefined) return yield* followLost(context, call, link);
  const denial = context.router.denialAt(call, normalise(path));
  if (denial) return context.refusal(call, denial);
  const route = context.supported(call, {
    side: 'remote',
    paths: new Map([[call.index(runs.at[1]), path]]),
  });
  if (route.side === 'refused') return context.refusal(call, route);
  return route.side === 'remote' ? yield* followThere(context, call, route) : undefined;
}

/** Of a file without a name the calls go on that can be made on its descriptor. */
function* followLost(context: Context, call: Call, link: MagicLink): Part<bigint> {
  const { runs, facts } = call.row;
  const remote = typeof link.of === 'number' ? link.process.descriptors.get(link.of) : undefined;
  const fact = facts.find(({ kind }) => kind === 'takesLink');
  const flags = fact?.kind === 'takesLink' && fact.bit === 'AT_SYMLINK_NOFOLLOW' ? fact.flags : undefined;
  const isOwn = link.process.twin === call.thread.process.twin && link.below === '';
  if (remote === undefined || flags === undefined || !isOwn || runs.kind !== 'pathOf' || !runs.at[0])
    return context.refusal(call, lost(link));
  return yield* context.step.remote(call, {
    paths: new Map([[call.index(runs.at[1]), '']]),
    args: new Map([
      [call.index(runs.at[0]), BigInt(remote.number)],
      [call.index(flags), BigInt(call.int(flags) | constant('AT_EMPTY_PATH'))],
    ]),
  });
}

/** The absolute path on the server that a link and what is below it lead to; undefined where the file has lost its name. */
export function* pathThere(context: Context, { thread }: Call, link: MagicLink): Part<string | undefined> {
  const { process, of, below } = link;
  if (of === 'exe') return process.remoteImage;
  if (of === 'root') return below || '/';
  if (of === 'cwd') return `${process.directory.remote ?? ''}${below}`;
  const remote = process.descriptors.get(of);
  if (remote?.path === undefined) return undefined;
  const isItsName = yield* context.step.isSameFile(thread, remote.number, remote.path, process.twin);
  return isItsName ? `${remote.path}${below}` : undefined;
}

/** The answer to a call on what has no name. */
export function lost({ process, of }: MagicLink): Refused {
  return {
    side: 'refused',
    errno: errno.EOPNOTSUPP,
    because: `remote descriptor ${of} of process ${process.pid} is named by /proc, and its file has lost the name that it was opened by`,
  };
}

/** Where the link leads, as readlink(2) tells it. */
function* textOf(context: Context, call: Call, link: MagicLink): Part<string> {
  const { process, of } = link;
  const path = yield* pathThere(context, call, link);
  if (of === 'exe') return yield* context.step.realPath(call.thread, process.remoteImage);
  if (of === 'cwd') return yield* directoryOf(context, call, link);
  if (path !== undefined) return path;
  return `${typeof of === 'number' ? (process.descriptors.get(of)?.path ?? '/') : ''} (deleted)`;
}

/** The name of the directory that a process is in, as its twin knows it. */
function* directoryOf({ step }: Context, { thread }: Call, { process }: MagicLink): Part<string> {
  const { result, outputs } = yield* step.direct(
    thread,
    {
      number: step.number('getcwd'),
      args: [0n, BigInt(PATH_MAX)],
      output: { register: 0, size: PATH_MAX, counted: true },
    },
    process.twin,
  );
  if (result <= 0n) return `${process.directory.remote ?? '/'} (deleted)`;
  return Buffer.from(outputs[0] ?? []).toString('latin1', 0, Number(result) - 1);
}

/** Puts where a link leads into the buffer `into`, as readlink(2) does. */
function storeLink(context: Context, call: Call, into: string, target: string): bigint {
  const buffer = call.row.args[into];
  const room = buffer?.kind === 'bytes' ? Number(call.length(buffer.length)) : 0;
  if (room <= 0) return BigInt(-errno.EINVAL);
  const text = Buffer.from(target, 'latin1').subarray(0, room);
  const written = context.step.write(call.thread, call.arg(into), text);
  return written < text.length ? BigInt(-errno.EFAULT) : BigInt(written);
}
