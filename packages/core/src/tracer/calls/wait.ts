/** What waiting for descriptors is made of, on whatever side they are. */
import { errno } from '../../abi/errno.js';
import type { Call } from '../call.js';
import { leftOf, timeBytes, wholeMilliseconds, type Timeout } from '../deadline.js';
import type { DirectCall } from '../marshal.js';
import type { TraceeThread } from '../process.js';
import { violationOf } from '../reply.js';
import type { Answer, Part } from '../steps.js';
import type { Translated, Watched } from '../watched.js';
import type { Context } from './context.js';
import { countRegister } from './watched.js';

/** Internal results by which the kernel goes on with a call when no handler has run (linux/errno.h). */
const ERESTARTNOHAND = -514n;
export const ERESTART_RESTARTBLOCK = -516n;

/** Waiting that has begun. */
export interface Wait {
  readonly call: Call;
  readonly watched: Watched;
  readonly timeout: Timeout;
  /** Whether other signals are blocked meanwhile than the thread blocks. */
  readonly isMasked: boolean;
  /** As performance.now() tells. */
  readonly since: number;
}

/** Whether the call has its time in a struct, into which what is left of it is written. */
export function hasTimeStruct({ call, timeout }: Wait): boolean {
  return call.row.order[timeout.register]?.kind === 'struct';
}

/** Has the twin look at its descriptors, and wait for them for `ns` nanoseconds; undefined: for ever. */
export function* askThere(
  context: Context,
  begun: Wait,
  there: Translated,
  ns: bigint | undefined,
): Part<bigint> {
  return taken(there, yield* context.step.direct(begun.call.thread, callThere(begun, there, ns)));
}

/** Takes what the twin says of the descriptors; gives its result. */
export function taken(there: Translated, { result, outputs }: Answer): bigint {
  if (result < 0n) return result;
  if (there.memory.some(([, { length }], index) => outputs[index]?.length !== length))
    throw violationOf('descriptors in answer to a call that asked for others');
  there.take(outputs);
  return result;
}

/** The call by which the twin waits. */
export function callThere(begun: Wait, there: Translated, ns: bigint | undefined): DirectCall {
  const { call, timeout } = begun;
  const { register, at } = timeout;
  const args = [0n, 0n, 0n, 0n, 0n, 0n];
  args[countRegister(call)] = BigInt(there.count);
  const isStruct = hasTimeStruct(begun);
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

/** How many nanoseconds are left; undefined: it waits for ever. */
export function nsLeft({ timeout, since }: Pick<Wait, 'timeout' | 'since'>): bigint | undefined {
  return leftOf(timeout, performance.now() - since);
}

/** Makes the thread go on with the call when it is woken, or when a signal has no handler. */
export function remember({ call, timeout, since }: Pick<Wait, 'call' | 'timeout' | 'since'>): void {
  const until = timeout.ns === undefined ? Infinity : since + Number(timeout.ns) / 1e6;
  call.thread.unfinished = { call, args: call.registers(), until };
}

/** The call is made again, and caught again: it still concerns both sides. One that was resumed goes on with the time that is left. */
export function anew(begun: Pick<Wait, 'call' | 'timeout' | 'since'>): undefined {
  const { call } = begun;
  if (call.thread.registers.number !== call.number) remember(begun);
  call.thread.beginsAnew = true;
  return undefined;
}

/** Whether it is the tracer that has interrupted the call of a thread, to let it go. */
export function isSummons({ cancelled, signal, postponed }: TraceeThread): boolean {
  return cancelled && signal === 0 && postponed.length === 0;
}

/** Writes what was found, and the time that is left. */
export function conclude(context: Context, begun: Wait): bigint {
  const isStored = store(context, begun);
  storeTime(context, begun);
  return isStored ? BigInt(begun.watched.ready) : BigInt(-errno.EFAULT);
}

function store({ step }: Context, { call, watched }: Wait): boolean {
  return watched.pieces().every(([addr, bytes]) => step.write(call.thread, addr, bytes) === bytes.length);
}

/** A time of nothing stays as it is; memory that cannot be written is no error (fs/select.c: poll_select_finish). */
function storeTime({ step }: Context, begun: Wait): boolean {
  const { call, timeout } = begun;
  const left = nsLeft(begun);
  if (timeout.at === undefined || timeout.ns === 0n || left === undefined) return true;
  const bytes = timeBytes(left, timeout.at.unit);
  return step.write(call.thread, timeout.at.addr, bytes) === bytes.length;
}

/**
 * The kernel knows whether a handler runs: then the result is EINTR, else the call goes on. Undefined: it begins anew, because it was
 * no signal that has interrupted it.
 */
export function interrupted(context: Context, begun: Wait): bigint | undefined {
  const { call, watched } = begun;
  if (watched.writesAlways && !store(context, begun)) return BigInt(-errno.EFAULT);
  if (hasTimeStruct(begun)) return storeTime(context, begun) ? ERESTARTNOHAND : BigInt(-errno.EINTR);
  if (isSummons(call.thread)) return anew(begun);
  remember(begun);
  return ERESTART_RESTARTBLOCK;
}
