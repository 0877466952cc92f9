/** Paths of this machine that name a remote descriptor: /proc/self/fd/N, /dev/stdin. */
import { errno } from '../../abi/errno.js';
import type { Call } from '../call.js';
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

/** Such a path leads to the file of the descriptor: by the name that it was opened by, as long as that is its name. */
export function* followName(
  context: Context,
  call: Call,
  { fd, below }: NamedDescriptor,
): Part<bigint | undefined> {
  const { runs, facts, args } = call.row;
  const remote = call.thread.process.descriptors.get(fd);
  if (remote === undefined || runs.kind !== 'pathOf') return undefined;
  const isItsName =
    remote.path !== undefined && (yield* context.step.isSameFile(call.thread, remote.number, remote.path));
  const readsLink = facts.find((fact) => fact.kind === 'readsLink');
  if (readsLink?.kind === 'readsLink' && below === '') {
    const into = args[readsLink.into];
    const text = Buffer.from(`${remote.path ?? '/'}${isItsName ? '' : ' (deleted)'}`, 'latin1');
    const room = into?.kind === 'bytes' ? Number(call.length(into.length)) : 0;
    if (room <= 0) return BigInt(-errno.EINVAL);
    const written = context.step.write(call.thread, call.arg(readsLink.into), text.subarray(0, room));
    return BigInt(written < 0 ? -errno.EFAULT : written);
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
