/** Epolls, and what is put into them. */
import { readFileSync, readlinkSync } from 'node:fs';
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import { structSize } from '../../abi/structs.js';
import type { Call } from '../call.js';
import { NOT_THERE, type RemoteDescriptor } from '../descriptors.js';
import { Epoll } from '../epoll.js';
import { isOpenHere } from '../router.js';
import type { Part, Steps } from '../steps.js';
import type { Context, Named } from './context.js';
import { duplicateThere } from './descriptors.js';

/** A new epoll is the tracee's own; the twin's is made when something remote is added. */
export function* createEpoll(context: Context, call: Call): Steps {
  const fd = yield* context.step.own(call, undefined);
  if (fd < 0n) return fd;
  const { success } = call.row;
  const flags = success.kind === 'newFd' ? success.cloexec : undefined;
  track(call, Number(fd), flags !== undefined && context.closesOnExec(call, flags));
  return fd;
}

function track(call: Call, fd: number, cloexec: boolean): RemoteDescriptor {
  const description = { leftover: undefined, epoll: new Epoll() };
  const own = { number: NOT_THERE, cloexec, path: undefined, description };
  call.thread.process.descriptors.set(fd, own);
  return own;
}

/** epoll_ctl(2): what is remote goes to the twin's epoll, with the data that the program has for it. */
export function* setInterest(context: Context, call: Call, words: Named<'setsInterest'>): Steps {
  const { descriptors } = call.thread.process;
  const remote = descriptors.get(call.int(words.fd));
  if (remote === undefined) return yield* setOwn(context, call, words);
  const event = eventOf(context, call, words);
  if (event === undefined) return BigInt(-errno.EFAULT);
  const fd = call.int(words.epoll);
  const own = epollAt(call, fd);
  if (own?.description.epoll === undefined) {
    if (own === undefined && !isOpenHere(call.thread.process, fd)) return BigInt(-errno.EBADF);
    // No epoll: what a kernel says of that depends on the other descriptor.
    return yield* control(context, call, own?.number ?? remote.number, words, remote.number, event);
  }
  const { epoll } = own.description;
  const number = yield* place(context, call, own);
  if (number < 0n) return number;
  const result = yield* control(context, call, Number(number), words, remote.number, event);
  if (result === 0n && !epoll.hasRemote) {
    epoll.hasRemote = true;
    context.wakeWaiters(epoll);
  }
  return result;
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
  const inner = descriptors.held(call.int(words.fd))?.description.epoll;
  if (inner === undefined || call.int(words.op) !== constant('EPOLL_CTL_ADD')) return undefined;
  if (inner.hasRemote) return refuse(context, call, 'an epoll with remote descriptors cannot be in another');
  inner.isNested = true;
  return undefined;
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

/** The epoll that the descriptor is of, or the remote descriptor; one that is known from nowhere is met now. */
function epollAt(call: Call, fd: number): RemoteDescriptor | undefined {
  const { pid, descriptors } = call.thread.process;
  const held = descriptors.held(fd);
  if (held || !isEpoll(pid, fd)) return held;
  const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'))?.[1] ?? '0';
  return track(call, fd, (parseInt(flags, 8) & constant('O_CLOEXEC')) !== 0);
}

function isEpoll(pid: number, fd: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`) === 'anon_inode:[eventpoll]';
  } catch {
    // There is no such descriptor.
    return false;
  }
}

/** The number of the twin's epoll, which is made where there is none; or a negated errno. */
function* place(context: Context, call: Call, own: RemoteDescriptor): Part<bigint> {
  const { step } = context;
  const { thread } = call;
  const { epoll } = own.description;
  if (own.number !== NOT_THERE || epoll === undefined) return BigInt(own.number);
  if (epoll.isNested)
    return refuse(context, call, 'an epoll that is in another cannot have remote descriptors');
  if (epoll.isPlaced) return refuse(context, call, ELSEWHERE);
  epoll.isPlaced = true;
  const { result } = yield* step.direct(thread, { number: step.number('epoll_create1'), args: [] });
  if (result < 0n) {
    epoll.isPlaced = false;
    return result;
  }
  for (const [fd, copy] of thread.process.descriptors.of(own.description)) {
    const number = copy === own ? result : yield* duplicateThere(context, thread, Number(result));
    if (number < 0n) return number;
    copy.number = Number(number);
    // Closed meanwhile by another thread.
    if (thread.process.descriptors.held(fd) !== copy) yield* step.close(thread, copy.number);
  }
  return result;
}

/** Why an epoll cannot be used that was copied to another process before something remote was in it. */
export const ELSEWHERE = 'its remote descriptors were added in another process';

function* control(
  { step }: Context,
  call: Call,
  epoll: number,
  { op }: Named<'setsInterest'>,
  fd: number,
  event: Buffer,
): Part<bigint> {
  const { result } = yield* step.direct(call.thread, {
    number: call.number,
    args: [BigInt(epoll), BigInt(call.int(op)), BigInt(fd)],
    ...(event.length > 0 && { input: [3, event] }),
  });
  return result;
}
