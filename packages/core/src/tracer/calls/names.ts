/** Paths of this machine that name a remote descriptor: /proc/self/fd/N, /dev/stdin. */
import { errno } from '../../abi/errno.js';
import type { Call } from '../call.js';
import type { TraceeProcess } from '../process.js';
import { descriptorNamed, type NamedDescriptor } from '../router.js';
import type { Part } from '../steps.js';
import type { Context } from './context.js';
import { followThere } from './follow.js';

/** The remote descriptor that the call names by a path of this machine, /proc/self/fd/N, where its placeholder is. */
export function descriptorNamedBy(context: Context, call: Call): NamedDescriptor | undefined {
  const { runs } = call.row;
  if (runs.kind !== 'pathOf' || call.thread.process.descriptors.isEmpty) return undefined;
  return descriptorNamed(call.thread.process, context.router.nameOf(call, runs.at));
}

/** The program of the server that a path in /proc names, where the local kernel would open its copy. */
export function ownImage({ pid, remoteImage }: TraceeProcess, name: string): string | undefined {
  if (remoteImage === '') return undefined;
  const [, whose] = /^\/proc\/(self|thread-self|\d+)(?:\/task\/\d+)?\/exe$/.exec(name) ?? [];
  return whose !== undefined && (!/\d/.test(whose) || Number(whose) === pid) ? remoteImage : undefined;
}

/** The program of the server that the call names by a path of this machine. */
export function imageNamedBy(context: Context, call: Call): string | undefined {
  const { runs } = call.row;
  const { process } = call.thread;
  if (runs.kind !== 'pathOf' || process.remoteImage === '') return undefined;
  return ownImage(process, context.router.nameOf(call, runs.at));
}

/** Calls on /proc/self/exe: they are about the program's file on the server. */
export function* followOwnImage(context: Context, call: Call, path: string): Part<bigint | undefined> {
  const { runs } = call.row;
  if (runs.kind !== 'pathOf') return undefined;
  const readsLink = call.row.facts.find((fact) => fact.kind === 'readsLink');
  if (readsLink?.kind === 'readsLink') {
    return storeLink(context, call, readsLink.into, yield* context.step.realPath(call.thread, path));
  }
  return yield* followThere(context, call, {
    side: 'remote',
    paths: new Map([[call.index(runs.at[1]), path]]),
  });
}

/** Puts where a link leads into the buffer `into`, as readlink(2) does. */
function storeLink(context: Context, call: Call, into: string, target: string): bigint {
  const buffer = call.row.args[into];
  const room = buffer?.kind === 'bytes' ? Number(call.length(buffer.length)) : 0;
  if (room <= 0) return BigInt(-errno.EINVAL);
  const text = Buffer.from(target, 'latin1').subarray(0, room);
  const written = context.step.write(call.thread, call.arg(into), text);
  return BigInt(written < 0 ? -errno.EFAULT : written);
}

/** Such a path leads to the file of the descriptor: by the name that it was opened by, as long as that is its name. */
export function* followName(
  context: Context,
  call: Call,
  { fd, below }: NamedDescriptor,
): Part<bigint | undefined> {
  const { runs, facts } = call.row;
  const remote = call.thread.process.descriptors.get(fd);
  if (remote === undefined || runs.kind !== 'pathOf') return undefined;
  const isItsName =
    remote.path !== undefined && (yield* context.step.isSameFile(call.thread, remote.number, remote.path));
  const readsLink = facts.find((fact) => fact.kind === 'readsLink');
  if (readsLink?.kind === 'readsLink' && below === '') {
    return storeLink(context, call, readsLink.into, `${remote.path ?? '/'}${isItsName ? '' : ' (deleted)'}`);
  }
  if (!isItsName) {
    return context.refusal(call, {
      side: 'refused',
      errno: errno.EOPNOTSUPP,
      because: `remote descriptor ${fd} is named by /proc, and its file has lost the name that it was opened by`,
    });
  }
  const path = `${remote.path ?? ''}${below}`;
  const denial = context.router.denialAt(call, path);
  if (denial) return context.refusal(call, denial);
  return yield* followThere(context, call, {
    side: 'remote',
    paths: new Map([[call.index(runs.at[1]), path]]),
  });
}
