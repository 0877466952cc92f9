/** Waiting for descriptors of both sides: the server waits for its own, and the thread, in a call of its own, for those here. */
import { errno } from '../../abi/errno.js';
import { isInterruption } from '../interruption.js';
import { PATH_MAX } from '../call.js';
import { timeBytes, wholeMilliseconds } from '../deadline.js';
import type { Part, Steps } from '../steps.js';
import type { Translated } from '../watched.js';
import type { Context } from './context.js';
import {
  anew,
  askThere,
  callThere,
  conclude,
  hasTimeStruct,
  interrupted,
  nsLeft,
  taken,
  type Wait,
} from './wait.js';
import { countRegister } from './watched.js';

/** The bytes of a time, and how many bytes of descriptors can be lent to the tracee behind it. */
const TIME_BYTES = 16;
const MAX_HERE = 2 * PATH_MAX - TIME_BYTES;

/** Whether the tracee can be lent the memory to wait for the descriptors. */
export function fitsHere({ memory }: Translated): boolean {
  return memory.reduce((sum, [, { length }]) => sum + length, 0) <= MAX_HERE;
}

/** Looks on both sides, and waits where nothing is ready. */
export function* waitOnBothSides(context: Context, begun: Wait, there: Translated, here: Translated): Steps {
  const { watched, timeout, call } = begun;
  const asked = yield* askThere(context, begun, there, 0n);
  if (call.thread.cancelled) return interruptedEarly(context, begun);
  if (asked < 0n) return asked;
  const looked = yield* look(context, begun, here);
  if (looked < 0n) return looked;
  if (watched.ready > 0 || timeout.ns === 0n || nsLeft(begun) === 0n) return conclude(context, begun);
  return yield* wait(context, begun, there, here);
}

function* wait(context: Context, begun: Wait, there: Translated, here: Translated): Steps {
  const { step } = context;
  const { call, watched } = begun;
  const { thread } = call;
  const lent = yield* lend(context, begun, here, nsLeft(begun));
  if (typeof lent === 'bigint') return lent;
  const said = yield* step.both(thread, callThere(begun, there, undefined), call.number, lent.args);
  if (said === undefined) return interruptedEarly(context, begun);
  // A signal goes before what is ready: under the mask of the call it would not be delivered with another result.
  if (thread.hasSignal)
    return said.here === undefined ? interruptedEarly(context, begun) : interrupted(context, begun);
  const asked = taken(there, said.there);
  if (asked < 0n && asked !== BigInt(-errno.EINTR)) return asked;
  const looked =
    said.here === undefined
      ? yield* look(context, begun, here)
      : takeLent(context, begun, here, lent, said.here);
  if (looked < 0n) return looked;
  // Interrupted by nothing that concerns it, it begins anew.
  return watched.ready > 0 || nsLeft(begun) === 0n ? conclude(context, begun) : anew(begun);
}

/** A signal has come before the thread has waited. Where the call would block others, it came before the call. */
function interruptedEarly(context: Context, begun: Wait): bigint | undefined {
  return begun.isMasked ? anew(begun) : interrupted(context, begun);
}

/** Has the tracee look at its own descriptors, without waiting. */
function* look(context: Context, begun: Wait, here: Translated): Part<bigint> {
  if (here.count === 0) return 0n;
  const lent = yield* lend(context, begun, here, 0n);
  if (typeof lent === 'bigint') return lent;
  const result = yield* context.step.local(begun.call.number, withoutMask(begun, lent.args));
  return takeLent(context, begun, here, lent, result);
}

/** What the tracee has been lent for a call that waits. */
interface Lent {
  readonly addr: bigint;
  readonly bytes: Buffer;
  readonly args: readonly bigint[];
}

/** Lends the tracee the descriptors and the time; the arguments of a call that waits for them, or a negated errno. */
function* lend(
  { step }: Context,
  begun: Wait,
  here: Translated,
  ns: bigint | undefined,
): Part<Lent | bigint> {
  const { call, timeout } = begun;
  const time = timeBytes(ns ?? 0n, timeout.at?.unit ?? 1n);
  const bytes = Buffer.concat([time, ...here.memory.map(([, piece]) => piece)]);
  const addr = yield* step.lend(call.thread, bytes);
  if (addr < 0n) return addr;
  const args = call.registers();
  args[countRegister(call)] = BigInt(here.count);
  if (!hasTimeStruct(begun)) args[timeout.register] = wholeMilliseconds(ns);
  else args[timeout.register] = ns === undefined ? 0n : addr;
  let offset = TIME_BYTES;
  for (const [register, { length }] of here.memory) {
    args[register] = addr + BigInt(offset);
    offset += length;
  }
  return { addr, bytes, args };
}

/** Takes the result of a call with what was lent. */
function takeLent(
  { step }: Context,
  { call }: Wait,
  here: Translated,
  { addr, bytes }: Lent,
  result: bigint,
): bigint {
  // Interrupted, it has found nothing that is ready (fs/select.c: do_poll looks before it gives up).
  if (isInterruption(result)) return 0n;
  if (result <= 0n) return result;
  if (step.read(call.thread, addr, bytes) < bytes.length) return BigInt(-errno.EFAULT);
  let offset = TIME_BYTES;
  here.take(here.memory.map(([, { length }]) => bytes.subarray(offset, (offset += length))));
  return result;
}

/** A look blocks no signals. */
function withoutMask({ call }: Wait, args: readonly bigint[]): bigint[] {
  const fact = call.row.facts.find(({ kind }) => kind === 'masksSignals');
  const mask = fact?.kind === 'masksSignals' ? call.index(fact.mask) : -1;
  return args.map((arg, index) => (index === mask ? 0n : arg));
}
