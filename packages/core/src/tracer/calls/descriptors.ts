/** Calls that change the tracee's descriptor table, and the twin's with it. */
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import type { Success } from '../../abi/vocabulary.js';
import type { Call } from '../call.js';
import { NOT_THERE, type RemoteDescriptor } from '../descriptors.js';
import type { TraceeThread } from '../process.js';
import { isOpenHere } from '../router.js';
import type { Part, Steps } from '../steps.js';
import type { Context, Named } from './context.js';

export function* closeDescriptor(context: Context, call: Call, { fd }: Named<'closes'>): Steps {
  const remote = takeClosed(call, call.int(fd));
  if (remote === undefined || remote.number === NOT_THERE) return undefined;
  const result = yield* context.step.close(call.thread, remote.number);
  if (result === 0n || remote.description.epoll) return undefined;
  // close(2) frees the number even when it reports an error.
  yield* context.step.own(call, undefined);
  return result;
}

/** What a call closes, or has closed here: its number may have been given anew since. */
function takeClosed({ thread: { process, ran } }: Call, fd: number): RemoteDescriptor | undefined {
  const { descriptors } = process;
  const hasClosed = ran?.isKept === true && ran.result >= 0n;
  return (hasClosed && isOpenHere(process, fd) && descriptors.takeReplaced(fd)) || descriptors.delete(fd);
}

export function* closeRange(context: Context, call: Call, range: Named<'closesRange'>): Steps {
  const { process } = call.thread;
  const fds = process.descriptors.within(call.int(range.first) >>> 0, call.int(range.last) >>> 0);
  const flags = call.int(range.flags);
  if (flags & constant('CLOSE_RANGE_UNSHARE') && process.threads.size > 1) {
    return context.refusal(call, {
      side: 'refused',
      errno: errno.EOPNOTSUPP,
      because: 'its threads share a descriptor table that holds remote descriptors',
    });
  }
  for (const fd of fds) {
    const remote = process.descriptors.held(fd);
    if (remote === undefined) continue;
    if (flags & constant('CLOSE_RANGE_CLOEXEC')) {
      remote.cloexec = true;
      continue;
    }
    yield* closeThere(context, call, takeClosed(call, fd) ?? remote);
  }
  return undefined;
}

/** dup(2) and its kin: the twin copies the descriptor, the tracee its placeholder, by the call that it made. */
export function* duplicate(
  context: Context,
  call: Call,
  { of, at, cloexec }: Success & { kind: 'copyOf' },
): Steps {
  const { thread } = call;
  const { descriptors } = thread.process;
  const source = descriptors.held(call.int(of));
  const target = at === undefined ? undefined : descriptors.held(call.int(at));
  if ((source === undefined && target === undefined) || (at !== undefined && call.int(of) === call.int(at))) {
    return undefined;
  }
  let copy: RemoteDescriptor | undefined;
  if (source) {
    const number = yield* duplicateThere(context, thread, source.number);
    if (number < 0n && source.number !== NOT_THERE) return number;
    const marked = cloexec === true || (cloexec !== undefined && context.closesOnExec(call, cloexec));
    copy = { number: Number(number), cloexec: marked, path: source.path, description: source.description };
  }
  const fd = yield* context.step.own(call, undefined);
  if (fd < 0n) {
    if (copy) yield* closeThere(context, call, copy);
    return fd;
  }
  if (copy && at === undefined) {
    descriptors.place(Number(fd), copy);
    return fd;
  }
  const previous = copy ? descriptors.set(Number(fd), copy) : descriptors.delete(Number(fd));
  if (previous) yield* closeThere(context, call, previous);
  return fd;
}

/** The number of a copy in the twin, or a negated errno; NOT_THERE of what the twin does not have. */
export function* duplicateThere({ step }: Context, thread: TraceeThread, number: number): Part<bigint> {
  if (number === NOT_THERE) return BigInt(NOT_THERE);
  const { result } = yield* step.direct(thread, { number: step.number('dup'), args: [BigInt(number)] });
  return result;
}

function* closeThere({ step }: Context, { thread }: Call, { number }: RemoteDescriptor): Part<void> {
  if (number !== NOT_THERE) yield* step.close(thread, number);
}

export function* markCloexec(context: Context, call: Call, { fd, to }: Named<'marksCloexec'>): Steps {
  const remote = call.thread.process.descriptors.held(call.int(fd));
  if (remote === undefined) return undefined;
  if (typeof to !== 'boolean') {
    // The placeholder takes the mark as any descriptor does.
    remote.cloexec = (call.int(to) & constant('FD_CLOEXEC')) !== 0;
    return undefined;
  }
  // Not every descriptor takes a request (open(2), O_PATH): the kernel that has the file knows.
  const taken = yield* context.step.remote(call);
  if (taken < 0n) return taken;
  const args = [BigInt(call.int(fd)), BigInt(constant('F_SETFD')), to ? BigInt(constant('FD_CLOEXEC')) : 0n];
  const result = yield* context.step.local(context.step.number('fcntl'), args);
  if (result === 0n) remote.cloexec = to;
  return result;
}
