/** Watching paths. */
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import type { Call } from '../call.js';
import { NOT_THERE, type DescriptorTable, type RemoteDescriptor } from '../descriptors.js';
import type { Part, Steps } from '../steps.js';
import type { Context, Named } from './context.js';
import { addThere } from './epoll.js';
import { follow } from './follow.js';
import { awaitMaker, infoOf, makeThere, meet } from './pair.js';

/** inotify_add_watch(2): an instance watches on the side where its first path is. */
export function* addWatch(context: Context, call: Call, { to }: Named<'addsWatch'>): Steps {
  const failed = context.readStrings(call);
  if (failed) return failed;
  const fd = call.int(to);
  const isRemote = context.routeOf(call).side === 'remote';
  const own = isRemote ? meet(call, fd, 'inotify') : call.thread.process.descriptors.held(fd);
  if (own !== undefined && own.description.inotify === undefined) return BigInt(-errno.EINVAL);
  if (own) yield* awaitMaker(context, call, own.description);
  // What is no instance has no watches, whatever the path: the tracee's kernel does not look at it.
  if (own === undefined) return isRemote ? undefined : yield* follow(context, call);
  if (!isRemote && own.number !== NOT_THERE)
    return refuse(context, call, 'an instance that watches remote paths cannot watch local ones');
  if (isRemote && own.number === NOT_THERE) {
    const placed = yield* place(context, call, fd, own);
    if (placed < 0n) return placed;
  }
  return yield* follow(context, call);
}

/** Most programs take this error for a reason to look at the paths from time to time (inotify_add_watch(2)). */
function refuse(context: Context, call: Call, because: string): bigint {
  return context.refusal(call, { side: 'refused', errno: errno.ENOSPC, because });
}

/** Has the twin make the instance, from now on in place of the tracee's, which has seen nothing yet. */
function* place(context: Context, call: Call, fd: number, own: RemoteDescriptor): Part<bigint> {
  const { step } = context;
  const { process } = call.thread;
  const { flags, text } = infoOf(process, fd);
  if (/^inotify wd:/m.test(text))
    return refuse(context, call, 'an instance that watches local paths cannot watch remote ones');
  if (isElsewhere(context, process.descriptors, own))
    return refuse(context, call, 'another process has a copy of the instance');
  const nonblock = flags & constant('O_NONBLOCK') ? constant('IN_NONBLOCK') : 0;
  const number = yield* makeThere(context, call, own, {
    number: step.number('inotify_init1'),
    args: [BigInt(nonblock)],
  });
  if (number < 0n) return number;
  const { inotify } = own.description;
  for (const interest of inotify?.interests ?? []) yield* addThere(context, call, interest);
  context.wakeWaiters(own.description);
  return number;
}

/** Whether another table than this one has a descriptor of the same instance. */
function isElsewhere(context: Context, table: DescriptorTable, { description }: RemoteDescriptor): boolean {
  return [...context.processes()].some(
    ({ descriptors }) => descriptors !== table && descriptors.has(description),
  );
}
