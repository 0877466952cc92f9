/** Waiting for several descriptors at once. */
import { errno } from '../../abi/errno.js';
import { MAX_PAYLOAD } from '../../protocol/limits.js';
import { PATH_MAX, type Call } from '../call.js';
import { leftOf, timeBytes, timeoutOf, wholeMilliseconds, type Read, type Timeout } from '../deadline.js';
import type { DirectCall } from '../marshal.js';
import { isOpenHere } from '../router.js';
import { violationOf } from '../reply.js';
import type { Part, Steps } from '../steps.js';
import type { Translated, Watched } from '../watched.js';
import type { Context } from './context.js';
import { changesMask } from './signal-mask.js';
import { countRegister, watchedBy } from './watched.js';

/** No process has a descriptor of this number: the kernel says of it what it says of every one that is not open. */
const NEVER_OPEN = 0x7fff_ffff;
/** Internal results by which the kernel goes on with a call when no handler has run (linux/errno.h). */
const ERESTARTNOHAND = -514n;
const ERESTART_RESTARTBLOCK = -516n;

/** The bytes of a time, and how many bytes of descriptors can be lent to the tracee beside it. */
const NO_TIME = 16;
const MAX_LOOK = 2 * PATH_MAX - NO_TIME;
/** How many bytes of descriptors one argument may have: three of them fit a frame. */
const MAX_SENT = MAX_PAYLOAD / 4;

/** Waiting that has begun. */
interface Wait {
  readonly call: Call;
  readonly watched: Watched;
  readonly timeout: Timeout;
  /** As performance.now() tells. */
  readonly since: number;
}

/** Waiting for descriptors runs on the side that has all of them, and on both where that takes no time. */
export function* watch(context: Context, call: Call, until?: number): Steps {
  const { thread, row } = call;
  thread.unfinished = undefined;
  const { descriptors } = thread.process;
  if (descriptors.isEmpty) return undefined;
  const read = reader(context, call);
  const watched = watchedBy(call, read);
  if (!watched?.fds.some((fd) => descriptors.get(fd))) return undefined;
  const after = row.facts.find(({ kind }) => kind === 'timesOut');
  const asked = after?.kind === 'timesOut' ? timeoutOf(call, after.after, read) : undefined;
  // What is wrong with the call the tracee's kernel finds too, and in the right order.
  if (asked === undefined) return undefined;
  const since = performance.now();
  const isResumed = until !== undefined && asked.ns !== undefined;
  const ns = isResumed ? BigInt(Math.max(0, Math.ceil((until - since) * 1e6))) : asked.ns;
  return yield* wait(context, { call, watched, timeout: { ...asked, ns }, since }, read);
}

/** Goes on with the call that a signal without a handler has interrupted (restart_syscall(2)). */
export function* resume(context: Context, call: Call): Steps {
  const { unfinished } = call.thread;
  if (unfinished === undefined) return undefined;
  const args = call.registers();
  if (unfinished.args.some((arg, index) => arg !== args[index])) return undefined;
  return yield* watch(context, unfinished.call, unfinished.until);
}

function reader({ step }: Context, { thread }: Call): Read {
  return (addr, size) => {
    const bytes = Buffer.alloc(size);
    return size === 0 || step.read(thread, addr, bytes) === size ? bytes : undefined;
  };
}

function* wait(context: Context, begun: Wait, read: Read): Steps {
  const { call, watched } = begun;
  const { process } = call.thread;
  const others = watched.fds.filter((fd) => !process.descriptors.get(fd));
  const here = new Set(others.filter((fd) => isOpenHere(process, fd)));
  // select(2) refuses a set that has what is not open.
  if (!watched.writesAlways && here.size < others.length) return undefined;
  const mask = changesMask(call, read);
  if (mask === undefined) return undefined;
  if (mask)
    return refuse(context, call, 'the server cannot wait with another signal mask than that of the thread');
  const there = watched.translate(
    (fd) => process.descriptors.get(fd)?.number ?? (here.has(fd) ? undefined : NEVER_OPEN),
  );
  if (there.memory.some(([, bytes]) => bytes.length > MAX_SENT))
    return refuse(context, call, 'there are too many descriptors to wait for remotely');
  watched.markReadable((fd) => process.descriptors.get(fd)?.description.leftover !== undefined);
  if (here.size === 0) return yield* waitThere(context, begun, there);
  return yield* lookOnBothSides(context, begun, there, here);
}

function refuse(context: Context, call: Call, because: string): bigint {
  return context.refusal(call, { side: 'refused', errno: errno.ENOSYS, because });
}

function* waitThere(context: Context, begun: Wait, there: Translated): Steps {
  const { call, timeout, watched } = begun;
  const result = yield* ask(context, begun, there, watched.ready > 0 ? 0n : timeout.ns);
  if (result === BigInt(-errno.EINTR) && call.thread.cancelled) return interrupted(context, begun);
  return result < 0n ? result : conclude(context, begun);
}

/** What is ready somewhere ends the wait; where nothing is, nobody can wait for both sides. */
function* lookOnBothSides(
  context: Context,
  begun: Wait,
  there: Translated,
  here: ReadonlySet<number>,
): Steps {
  const { call, watched, timeout } = begun;
  const own = watched.translate((fd) => (here.has(fd) ? fd : undefined));
  if (own.memory.reduce((sum, [, { length }]) => sum + length, 0) > MAX_LOOK)
    return refuse(context, call, 'there are too many descriptors to look at on both sides');
  const asked = yield* ask(context, begun, there, 0n);
  if (asked < 0n) return asked;
  const looked = yield* look(context, call, timeout, own);
  if (looked < 0n) return looked;
  if (watched.ready > 0 || timeout.ns === 0n) return conclude(context, begun);
  return refuse(context, call, 'it would have to wait for local and remote descriptors at once');
}

/** Has the twin make the call, with `ns` nanoseconds to wait. */
function* ask(
  context: Context,
  { call, timeout }: Wait,
  there: Translated,
  ns: bigint | undefined,
): Part<bigint> {
  const { result, outputs } = yield* context.step.direct(call.thread, directCall(call, timeout, there, ns));
  if (result < 0n) return result;
  if (there.memory.some(([, { length }], index) => outputs[index]?.length !== length))
    throw violationOf('descriptors in answer to a call that asked for others');
  there.take(outputs);
  return result;
}

function directCall(
  call: Call,
  { register, at }: Timeout,
  there: Translated,
  ns: bigint | undefined,
): DirectCall {
  const args = [0n, 0n, 0n, 0n, 0n, 0n];
  args[countRegister(call)] = BigInt(there.count);
  const isStruct = call.row.order[register]?.kind === 'struct';
  if (!isStruct) args[register] = wholeMilliseconds(ns);
  const time = isStruct && ns !== undefined ? timeBytes(ns, at?.unit ?? 1n) : undefined;
  return {
    number: call.number,
    args,
    ...(time && { input: [register, time] }),
    changed: there.memory,
    mayBlock: ns !== 0n,
  };
}

/** Has the tracee look at its own descriptors, without waiting. */
function* look({ step }: Context, call: Call, timeout: Timeout, own: Translated): Part<bigint> {
  const { thread } = call;
  const none = Buffer.alloc(NO_TIME);
  const bytes = Buffer.concat([none, ...own.memory.map(([, piece]) => piece)]);
  const addr = yield* step.lend(thread, bytes);
  if (addr < 0n) return addr;
  const args = [0n, 0n, 0n, 0n, 0n, 0n];
  args[countRegister(call)] = BigInt(own.count);
  if (call.row.order[timeout.register]?.kind === 'struct') args[timeout.register] = addr;
  let offset = none.length;
  for (const [register, piece] of own.memory) {
    args[register] = addr + BigInt(offset);
    offset += piece.length;
  }
  const result = yield* step.local(call.number, args);
  // Interrupted: nothing was ready.
  if (result === ERESTARTNOHAND || result === ERESTART_RESTARTBLOCK) return 0n;
  if (result < 0n) return result;
  if (step.read(thread, addr, bytes) < bytes.length) return BigInt(-errno.EFAULT);
  offset = none.length;
  own.take(own.memory.map(([, { length }]) => bytes.subarray(offset, (offset += length))));
  return result;
}

/** Writes what was found, and the time that is left. */
function conclude(context: Context, begun: Wait): bigint {
  const isStored = store(context, begun);
  storeTime(context, begun);
  return isStored ? BigInt(begun.watched.ready) : BigInt(-errno.EFAULT);
}

function store({ step }: Context, { call, watched }: Wait): boolean {
  return watched.pieces().every(([addr, bytes]) => step.write(call.thread, addr, bytes) === bytes.length);
}

/** A time of nothing stays as it is; memory that cannot be written is no error (fs/select.c: poll_select_finish). */
function storeTime({ step }: Context, { call, timeout, since }: Wait): boolean {
  const left = leftOf(timeout, performance.now() - since);
  if (timeout.at === undefined || timeout.ns === 0n || left === undefined) return true;
  const bytes = timeBytes(left, timeout.at.unit);
  return step.write(call.thread, timeout.at.addr, bytes) === bytes.length;
}

/** The kernel knows whether a handler runs: then the result is EINTR, else the call goes on. */
function interrupted(context: Context, begun: Wait): bigint {
  const { call, timeout, since, watched } = begun;
  if (watched.writesAlways && !store(context, begun)) return BigInt(-errno.EFAULT);
  if (call.row.order[timeout.register]?.kind === 'struct') {
    return storeTime(context, begun) ? ERESTARTNOHAND : BigInt(-errno.EINTR);
  }
  const until = timeout.ns === undefined ? Infinity : since + Number(timeout.ns) / 1e6;
  call.thread.unfinished = { call, args: call.registers(), until };
  return ERESTART_RESTARTBLOCK;
}
