/** Claimed calls have run here when the tracer is told of them: what of that is used. */
import { errno } from '../abi/errno.js';
import type { Row } from '../abi/vocabulary.js';
import type { Call } from './call.js';
import type { Context } from './calls/context.js';
import { isInterruption } from './interruption.js';
import type { Run, TraceeThread } from './process.js';
import type { Steps } from './steps.js';

/** The result of the call, which is the tracee's kernel's; undefined: it has to be made again. */
export function resultOf({ ran }: TraceeThread): bigint | undefined {
  if (ran === undefined || isInterruption(ran.result)) return undefined;
  // What was refused has failed; what has failed otherwise may be made again.
  return ran.isKept || ran.result >= 0n ? ran.result : undefined;
}

/** A call whose results have been taken back has not run: it is as one that was refused. */
export const undone: Run = { result: BigInt(-errno.EIO), isKept: false };

/** Whether a claimed call cannot be made again: what it was asked with is no more. */
export function isSpent({ facts }: Row, ran: Run | undefined): boolean {
  return ran?.isKept === true && ran.result >= 0n && facts.some(({ kind }) => kind === 'overwrites');
}

/** Takes the result of a call that the thread shall make for the tracer, where it is the one that it has made already. */
export function takeRun(thread: TraceeThread, number: number, args: readonly bigint[]): bigint | undefined {
  const { ran, registers } = thread;
  if (!ran?.isKept || isInterruption(ran.result) || registers.number !== number) return undefined;
  if (args.some((arg, register) => arg !== registers.argument(register))) return undefined;
  thread.ran = undefined;
  return ran.result;
}

/** Facts of calls that give local objects parts on the server. */
const givingParts: ReadonlySet<string> = new Set(['setsInterest', 'addsWatch', 'paired']);

/** Whether a call may change what processes wait for on the server without a change of their tables, or begin to map files. */
export function changesParts({ runs, facts }: Row): boolean {
  return runs.kind === 'mapping' || facts.some(({ kind }) => givingParts.has(kind));
}

/** Takes back what a call has made here, where it has failed on the server. */
export function* heedRun(context: Context, call: Call, steps: Steps): Steps {
  const result = yield* steps;
  const { ran } = call.thread;
  const made = call.row.success.kind === 'copyOf' || call.row.success.kind === 'newFd';
  if (result === undefined || result >= 0n || !made || !ran?.isKept || ran.result < 0n) return result;
  call.thread.ran = undefined;
  yield* context.step.local(context.step.number('close'), [ran.result]);
  return result;
}
