/** Waiting for the events of an epoll. */
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import { layoutOf, structSize } from '../../abi/structs.js';
import type { Call } from '../call.js';
import { timeBytes, timeoutOf, wholeMilliseconds, type Timeout } from '../deadline.js';
import { NOT_THERE } from '../descriptors.js';
import type { Epoll } from '../epoll.js';
import type { DirectCall } from '../marshal.js';
import { violationOf } from '../reply.js';
import type { Part, Steps } from '../steps.js';
import type { Context, Named } from './context.js';
import { ELSEWHERE } from './epoll.js';
import { foundHere, makeRoom } from './found-here.js';
import { reader } from './reader.js';
import { changesMask } from './signal-mask.js';
import { anew, ERESTART_RESTARTBLOCK, isSummons, nsLeft, remember } from './wait.js';

const EVENT = structSize('epoll_event');
/** So many events are asked of the twin at once. */
const MAX_ASKED = 64;
/** The kernel takes no larger number (fs/eventpoll.c: EP_MAX_EVENTS). */
const MAX_EVENTS = Math.floor(0x7fff_ffff / EVENT);
const EINTR = BigInt(-errno.EINTR);
/** They stop a process that has no handler for them, and then end the wait (signal(7)). */
const stopSignals = new Set(
  ['SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'].map((name) => constant(name as 'SIGSTOP')),
);

/** Waiting that has begun. */
interface Wait {
  readonly call: Call;
  readonly epoll: Epoll;
  /** The number of the twin's epoll. */
  readonly number: number;
  /** Where the events go, and how many there is room for. */
  readonly addr: bigint;
  readonly max: number;
  readonly timeout: Timeout;
  readonly isMasked: boolean;
  /** Whether it goes on after a signal: the tracee's kernel does not know what it waits for (restart_syscall(2)). */
  readonly isResumed: boolean;
  /** As performance.now() tells. */
  readonly since: number;
}

/** The tracee's kernel waits alone, unless something remote is in the epoll. */
export function* collect(context: Context, call: Call, words: Named<'collects'>, until?: number): Steps {
  const { thread } = call;
  thread.unfinished = undefined;
  const own = thread.process.descriptors.held(call.int(words.epoll));
  // No epoll: the twin knows what is wrong first.
  if (own !== undefined && own.description.epoll === undefined) return yield* context.step.remote(call);
  const after = call.row.facts.find(({ kind }) => kind === 'timesOut');
  const read = reader(context, call);
  const asked = after?.kind === 'timesOut' ? timeoutOf(call, after.after, read) : undefined;
  // What is wrong with the call the tracee's kernel finds too, and in the right order.
  if (asked === undefined) return undefined;
  const since = performance.now();
  const isResumed = until !== undefined && asked.ns !== undefined;
  const ns = isResumed ? BigInt(Math.max(0, Math.ceil((until - since) * 1e6))) : asked.ns;
  const timeout = { ...asked, ns };
  const epoll = own?.description.epoll;
  if (own === undefined || !epoll?.hasRemote) {
    if (ns !== 0n) remember({ call, timeout, since });
    return undefined;
  }
  const max = call.int(words.max);
  const isMasked = changesMask(call, read);
  if (max <= 0 || max > MAX_EVENTS || isMasked === undefined) return undefined;
  const { number } = own;
  const found = until === undefined ? foundHere(thread) : 0;
  if (number === NOT_THERE && found > 0) return undefined;
  if (number === NOT_THERE)
    return context.refusal(call, { side: 'refused', errno: errno.ENOSYS, because: ELSEWHERE });
  const addr = call.arg(words.events);
  const begun = { call, epoll, number, addr, max, timeout, isMasked, isResumed, since };
  if (found > 0) return yield* join(context, begun, call.int(words.epoll), found);
  return yield* gather(context, begun);
}

/**
 * Events that were taken here before the tracer was told of the call have to be given. Where they leave no room, those of levels
 * give way every second time.
 */
function* join(context: Context, begun: Wait, fd: number, found: number): Part<bigint> {
  const { epoll, call, max, addr } = begun;
  let place = found;
  if (found === max) {
    epoll.remoteFirst = !epoll.remoteFirst;
    if (!epoll.remoteFirst) return BigInt(found);
    place = makeRoom(context, call, fd, { addr, count: found });
  }
  const more = place < max ? yield* takeThere(context, begun, place) : 0n;
  return BigInt(Math.max(found, place + Number(more)));
}

function* gather(context: Context, begun: Wait): Steps {
  const { call, timeout, isResumed } = begun;
  // What is here alone the tracee's kernel finds by the call as it is, unless the thread has left that meanwhile.
  const isReady = timeout.ns !== 0n || isResumed || (yield* isReadyThere(context, begun));
  if (!isReady && !call.thread.pastEntry) return undefined;
  for (;;) {
    const found = yield* lookOnBothSides(context, begun);
    if (found !== 0n) return found;
    if (call.thread.cancelled) return interrupted(begun);
    if (timeout.ns === 0n || nsLeft(begun) === 0n) return 0n;
    const result = yield* waitOnBothSides(context, begun);
    if (result !== 'again') return result;
  }
}

/** Whether the twin's epoll has something, or cannot say. */
function* isReadyThere({ step }: Context, begun: Wait): Part<boolean> {
  const look: DirectCall = { ...callThere({ step }, begun), input: [2, timeBytes(0n, 1n)], mayBlock: false };
  const { result } = yield* step.direct(begun.call.thread, look);
  return result !== 0n || begun.epoll.kept !== undefined;
}

/** What is ready, of each side in turns first. */
function* lookOnBothSides(context: Context, begun: Wait): Part<bigint> {
  const { epoll, max } = begun;
  epoll.remoteFirst = !epoll.remoteFirst;
  const [first, second] = epoll.remoteFirst ? [takeThere, takeHere] : [takeHere, takeThere];
  const some = yield* first(context, begun, 0);
  if (some < 0n || some === BigInt(max) || begun.call.thread.cancelled) return some;
  const more = yield* second(context, begun, Number(some));
  return more < 0n && some > 0n ? some : some + more;
}

/** Waits until something is ready; `again` where that was taken by somebody else, or where nothing kept it from waiting. */
function* waitOnBothSides(context: Context, begun: Wait): Part<bigint | undefined | 'again'> {
  const { call } = begun;
  const { thread } = call;
  const args = yield* ownArguments(context, begun);
  if (typeof args === 'bigint') return args;
  const said = yield* context.step.both(thread, callThere(context, begun), call.number, args);
  if (said === undefined) return interruptedEarly(begun);
  const { here, there } = said;
  // Events that were taken have to be given: a signal is delivered after them.
  if (here !== undefined && here > 0n) return here;
  if (thread.hasSignal) return here === undefined ? interruptedEarly(begun) : interrupted(begun);
  if (here !== undefined && here < 0n && here !== EINTR) return here;
  if (there.result < 0n && there.result !== EINTR) return there.result;
  if (there.result > 0n) {
    const taken = yield* takeThere(context, begun, 0);
    if (taken !== 0n) return taken;
    // In the stop that it stands in the thread has the mask of its call: that goes with the next step.
    if (thread.hasSignal) return interrupted(begun);
  }
  if (here === 0n) return 0n;
  // The process was stopped and has been continued (signal(7)).
  return here === EINTR && there.result === EINTR ? EINTR : 'again';
}

/** The arguments of the tracee's own wait: those of its call, with the time that is left. */
function* ownArguments({ step }: Context, begun: Wait): Part<bigint | bigint[]> {
  const { call, timeout } = begun;
  const args = call.registers();
  const ns = nsLeft(begun);
  if (call.row.order[timeout.register]?.kind !== 'struct') {
    args[timeout.register] = wholeMilliseconds(ns);
  } else if (ns !== undefined) {
    const addr = yield* step.lend(call.thread, timeBytes(ns, 1n));
    if (addr < 0n) return addr;
    args[timeout.register] = addr;
  }
  return args;
}

/** The twin waits until its epoll has something, and takes nothing: what a cancelled wait had taken would be lost. */
function callThere({ step }: Pick<Context, 'step'>, { number }: Wait): DirectCall {
  const polled = Buffer.alloc(structSize('pollfd'));
  polled.writeInt32LE(number);
  polled.writeInt16LE(constant('POLLIN'), layoutOf('pollfd').fields.events?.[0] ?? 0);
  return {
    number: step.number('ppoll'),
    args: [0n, 1n],
    changed: [[0, polled]],
    mayBlock: true,
  };
}

/** Takes events from the twin's epoll, behind `place` that are there; how many, or a negated errno. */
function* takeThere(context: Context, begun: Wait, place: number): Part<bigint> {
  const { epoll, call, max } = begun;
  let taken = 0;
  let asked: number;
  let got = 0;
  do {
    asked = Math.min(max - place - taken, MAX_ASKED);
    const events = epoll.kept ?? (yield* eventsThere(context, begun, asked));
    if (typeof events === 'bigint') return taken > 0 ? BigInt(taken) : events;
    got = Math.min(asked, events.length / EVENT);
    const addr = begun.addr + BigInt((place + taken) * EVENT);
    const wanted = events.subarray(0, got * EVENT);
    const stored =
      got === 0 ? 0 : Math.floor(Math.max(context.step.write(call.thread, addr, wanted), 0) / EVENT);
    epoll.kept = stored * EVENT < events.length ? events.subarray(stored * EVENT) : undefined;
    taken += stored;
    if (stored < got) return taken > 0 ? BigInt(taken) : BigInt(-errno.EFAULT);
  } while (got === asked && place + taken < max);
  return BigInt(taken);
}

function* eventsThere({ step }: Context, begun: Wait, count: number): Part<bigint | Buffer> {
  const size = count * EVENT;
  const { result, outputs } = yield* step.direct(begun.call.thread, {
    number: step.number('epoll_pwait'),
    args: [BigInt(begun.number), 0n, BigInt(count), 0n, 0n, 0n],
    output: { register: 1, size, counted: false },
  });
  if (result < 0n) return result === EINTR ? Buffer.alloc(0) : result;
  if (outputs[0]?.length !== size || result > BigInt(count))
    throw violationOf('events that nobody asked for');
  return Buffer.from(outputs[0].subarray(0, Number(result) * EVENT));
}

/** Takes events from the tracee's own epoll, behind `place` that are there. */
function* takeHere({ step }: Context, { call, addr, max }: Wait, place: number): Part<bigint> {
  const args = call.registers();
  const events = addr + BigInt(place * EVENT);
  const result = yield* step.local(step.number('epoll_pwait'), [
    args[0] ?? 0n,
    events,
    BigInt(max - place),
    0n,
    0n,
    0n,
  ]);
  return result === EINTR ? 0n : result;
}

/** A signal has come before the thread has waited. Where the call would block others, it came before the call. */
function interruptedEarly(begun: Wait): bigint | undefined {
  return begun.isMasked ? anew(begun) : interrupted(begun);
}

/** The same as of other waits; undefined: it begins anew. */
function interrupted(begun: Wait): bigint | undefined {
  const { thread } = begun.call;
  if (isSummons(thread)) return anew(begun);
  if (stopSignals.has(thread.signal)) {
    thread.cancelled = false;
    return EINTR;
  }
  remember(begun);
  return ERESTART_RESTARTBLOCK;
}
