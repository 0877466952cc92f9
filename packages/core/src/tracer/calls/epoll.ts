/** Epolls, and what is put into them. */
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import { structSize } from '../../abi/structs.js';
import type { Call } from '../call.js';
import { NOT_THERE, type Description, type RemoteDescriptor } from '../descriptors.js';
import type { Inotify, Interest } from '../inotify.js';
import { isOpenHere } from '../router.js';
import type { Part, Steps } from '../steps.js';
import type { Context, Named } from './context.js';
import { awaitMaker, makeThere, meet } from './pair.js';

/** epoll_ctl(2): what is remote goes to the twin's epoll, with the data that the program has for it. */
export function* setInterest(context: Context, call: Call, words: Named<'setsInterest'>): Steps {
  const { descriptors } = call.thread.process;
  const remote = descriptors.get(call.int(words.fd));
  if (remote === undefined) return yield* setOwn(context, call, words);
  const event = eventOf(context, call, words);
  if (event === undefined) return BigInt(-errno.EFAULT);
  const fd = call.int(words.epoll);
  const own = meet(call, fd, 'epoll');
  if (own?.description.epoll === undefined) {
    if (own === undefined && !isOpenHere(call.thread.process, fd)) return BigInt(-errno.EBADF);
    // No epoll: what a kernel says of that depends on the other descriptor.
    return yield* control(context, call, {
      epoll: own?.number ?? remote.number,
      op: call.int(words.op),
      fd: remote.number,
      event,
    });
  }
  const number = yield* place(context, call, own);
  if (number < 0n) return number;
  const change = { epoll: Number(number), op: call.int(words.op), fd: remote.number, event };
  const result = yield* control(context, call, change);
  if (result === 0n) becomeMixed(context, own.description);
  return result;
}

/** From now on the epoll is waited for on both sides, by those too that wait already. */
function becomeMixed(context: Context, description: Description): void {
  const { epoll } = description;
  if (epoll === undefined || epoll.hasRemote) return;
  epoll.hasRemote = true;
  context.wakeWaiters(description);
}

/** Adds to the twin's epoll what has been in the tracee's, as a local one, and is remote from now on. */
export function* addThere(context: Context, call: Call, { epoll, fd, event }: Interest): Part<void> {
  const { descriptors } = call.thread.process;
  const [, own] = descriptors.of(epoll)[0] ?? [];
  const remote = descriptors.get(fd);
  if (own === undefined || remote === undefined) return;
  const number = yield* place(context, call, own);
  if (number < 0n) return;
  yield* control(context, call, {
    epoll: Number(number),
    op: constant('EPOLL_CTL_ADD'),
    fd: remote.number,
    event,
  });
  becomeMixed(context, epoll);
}

/** An epoll may wait for another one only as long as that has nothing remote. */
function* setOwn(context: Context, call: Call, words: Named<'setsInterest'>): Steps {
  const { descriptors } = call.thread.process;
  // No epoll: what a kernel says of that depends on the other descriptor.
  if (descriptors.get(call.int(words.epoll))) {
    const args = call.registers();
    args[call.index(words.epoll)] = call.arg(words.fd);
    return yield* context.step.local(call.number, args);
  }
  const { inotify, epoll: inner } = descriptors.held(call.int(words.fd))?.description ?? {};
  if (inotify) return yield* setLater(context, call, words, inotify);
  if (inner === undefined || call.int(words.op) !== constant('EPOLL_CTL_ADD')) return undefined;
  if (inner.hasRemote) return refuse(context, call, 'an epoll with remote descriptors cannot be in another');
  inner.isNested = true;
  return undefined;
}

/** What waits for an instance that may become remote is remembered. */
function* setLater(
  context: Context,
  call: Call,
  words: Named<'setsInterest'>,
  inotify: Inotify,
): Part<bigint> {
  const event = eventOf(context, call, words);
  const result = yield* context.step.own(call, undefined);
  const epoll = meet(call, call.int(words.epoll), 'epoll')?.description;
  if (result !== 0n || event === undefined || epoll === undefined) return result;
  const fd = call.int(words.fd);
  const others = inotify.interests.filter((interest) => interest.epoll !== epoll || interest.fd !== fd);
  inotify.interests = event.length === 0 ? others : [...others, { epoll, fd, event }];
  return result;
}

function refuse(context: Context, call: Call, because: string): bigint {
  return context.refusal(call, { side: 'refused', errno: errno.EOPNOTSUPP, because });
}

/** The bytes of the event; none where the operation takes none; undefined where they cannot be read. */
function eventOf({ step }: Context, call: Call, { op, event }: Named<'setsInterest'>): Buffer | undefined {
  if (call.int(op) === constant('EPOLL_CTL_DEL')) return Buffer.alloc(0);
  const bytes = Buffer.alloc(structSize('epoll_event'));
  return step.read(call.thread, call.arg(event), bytes) === bytes.length ? bytes : undefined;
}

/** The number of the twin's epoll, which is made where there is none; or a negated errno. */
function* place(context: Context, call: Call, own: RemoteDescriptor): Part<bigint> {
  const { epoll } = own.description;
  yield* awaitMaker(context, call, own.description);
  if (own.number !== NOT_THERE || epoll === undefined) return BigInt(own.number);
  if (epoll.isNested)
    return refuse(context, call, 'an epoll that is in another cannot have remote descriptors');
  if (epoll.isPlaced) return refuse(context, call, ELSEWHERE);
  epoll.isPlaced = true;
  const number = yield* makeThere(context, call, own, {
    number: context.step.number('epoll_create1'),
    args: [],
  });
  if (number < 0n) epoll.isPlaced = false;
  return number;
}

/** Why an epoll cannot be used that was copied to another process before something remote was in it. */
export const ELSEWHERE = 'its remote descriptors were added in another process';

/** What epoll_ctl(2) is asked for, in the numbers of the twin. */
interface Change {
  readonly epoll: number;
  readonly op: number;
  readonly fd: number;
  readonly event: Buffer;
}

function* control({ step }: Context, { thread }: Call, { epoll, op, fd, event }: Change): Part<bigint> {
  const { result } = yield* step.direct(thread, {
    number: step.number('epoll_ctl'),
    args: [BigInt(epoll), BigInt(op), BigInt(fd)],
    ...(event.length > 0 && { input: [3, event] }),
  });
  return result;
}
