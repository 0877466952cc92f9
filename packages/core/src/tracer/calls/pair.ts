/** Objects of this machine of which the twin has another one when they have to do with something remote. */
import { readFileSync, readlinkSync } from 'node:fs';
import { constant } from '../../abi/constants.js';
import type { Call } from '../call.js';
import { NOT_THERE, type Description, type RemoteDescriptor } from '../descriptors.js';
import { Epoll } from '../epoll.js';
import { Inotify } from '../inotify.js';
import type { DirectCall } from '../marshal.js';
import type { TraceeProcess } from '../process.js';
import type { Part, Steps } from '../steps.js';
import type { Context, Named } from './context.js';
import { duplicateThere } from './descriptors.js';

type Kind = Named<'paired'>['as'];

const makers: Readonly<Record<Kind, () => Description>> = {
  epoll: () => ({ leftover: undefined, epoll: new Epoll() }),
  inotify: () => ({ leftover: undefined, inotify: new Inotify() }),
};

/** What /proc/PID/fd/N of such an object is a link to. */
const links: Readonly<Record<Kind, string>> = {
  epoll: 'anon_inode:[eventpoll]',
  inotify: 'anon_inode:inotify',
};

/** A new one is the tracee's own. */
export function* create(context: Context, call: Call, { as }: Named<'paired'>): Steps {
  const fd = yield* context.step.own(call, undefined);
  if (fd < 0n) return fd;
  const { success } = call.row;
  const flags = success.kind === 'newFd' ? success.cloexec : undefined;
  track(call.thread.process, Number(fd), as, flags !== undefined && context.closesOnExec(call, flags));
  return fd;
}

/** What the tracer knows of a descriptor; one of that kind which came from nowhere is met now. */
export function meet({ thread: { process } }: Call, fd: number, as: Kind): RemoteDescriptor | undefined {
  const held = process.descriptors.held(fd);
  if (held || !isOfKind(process, fd, as)) return held;
  return track(process, fd, as, (infoOf(process, fd).flags & constant('O_CLOEXEC')) !== 0);
}

function track(process: TraceeProcess, fd: number, as: Kind, cloexec: boolean): RemoteDescriptor {
  const descriptor = { number: NOT_THERE, cloexec, path: undefined, description: makers[as]() };
  process.descriptors.place(fd, descriptor);
  return descriptor;
}

function isOfKind({ pid }: TraceeProcess, fd: number, as: Kind): boolean {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`) === links[as];
  } catch {
    // There is no such descriptor.
    return false;
  }
}

/** What the kernel tells of an open descriptor (proc(5)): its flags, as open(2) takes them, and all of the text. */
export function infoOf(
  { pid }: TraceeProcess,
  fd: number,
): { readonly flags: number; readonly text: string } {
  const text = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1');
  const flags = parseInt(/^flags:\s*([0-7]+)/m.exec(text)?.[1] ?? '0', 8);
  return { flags, text };
}

/** Has the twin make its own by a call, for all descriptors that the process has of this one; its number, or a negated errno. */
export function* makeThere(
  context: Context,
  call: Call,
  own: RemoteDescriptor,
  maker: DirectCall,
): Part<bigint> {
  const { step } = context;
  const { thread } = call;
  own.description.maker = thread;
  const { result } = yield* step.direct(thread, maker);
  const failed = result < 0n ? result : yield* nameAll(context, call, own, result);
  own.description.maker = undefined;
  return failed < 0n ? failed : result;
}

function* nameAll(context: Context, call: Call, own: RemoteDescriptor, result: bigint): Part<bigint> {
  const { step } = context;
  const { thread } = call;
  for (const [fd, copy] of thread.process.descriptors.of(own.description)) {
    const number = copy === own ? result : yield* duplicateThere(context, thread, Number(result));
    if (number < 0n) return number;
    copy.number = Number(number);
    // Closed meanwhile by another thread.
    if (thread.process.descriptors.held(fd) !== copy) yield* step.close(thread, copy.number);
  }
  return 0n;
}

/** Lets another thread come first that has the twin make its own: a call that does nothing has its answer after that one's. */
export function* awaitMaker({ step }: Context, { thread }: Call, description: Description): Part<void> {
  while (description.maker && description.maker.process.threads.has(description.maker))
    yield* step.close(thread, NOT_THERE);
}
