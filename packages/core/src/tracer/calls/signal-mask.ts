/** Signal masks that a call asks for while it waits. */
import type { Call } from '../call.js';
import { signalsOf } from '../proc.js';
import type { Read } from '../deadline.js';
import { isInterruption } from '../interruption.js';

/** Signals are numbered from 1, so a mask has 64 of them in 8 bytes. */
const MASK_BYTES = 8;
/** SIGKILL and SIGSTOP are never blocked. */
const UNBLOCKABLE = (1n << 8n) | (1n << 18n);

/** Whether a call waits with other signals blocked than the thread has; undefined where the kernel refuses the mask. */
export function changesMask(call: Call, read: Read): boolean | undefined {
  const mask = maskOf(call, read);
  if (typeof mask !== 'object') return mask === 'none' ? false : undefined;
  const { process, tid, ran } = call.thread;
  // A call that has run here and was interrupted has left its own mask, until a signal has been delivered.
  if (ran !== undefined && isInterruption(ran.result)) return true;
  return (mask.bits & ~UNBLOCKABLE) !== signalsOf(process.pid, tid).blocked;
}

function maskOf(call: Call, read: Read): { readonly bits: bigint } | 'none' | 'bad' {
  const fact = call.row.facts.find(({ kind }) => kind === 'masksSignals');
  if (fact?.kind !== 'masksSignals') return 'none';
  let pointer = call.arg(fact.mask);
  let size = fact.size === undefined ? 0n : call.arg(fact.size);
  if (pointer !== 0n && fact.size === undefined) {
    const pair = read(pointer, 16);
    if (pair === undefined) return 'bad';
    pointer = pair.readBigUInt64LE(0);
    size = pair.readBigUInt64LE(8);
  }
  if (pointer === 0n) return 'none';
  const bytes = size === BigInt(MASK_BYTES) ? read(pointer, MASK_BYTES) : undefined;
  return bytes === undefined ? 'bad' : { bits: bytes.readBigUInt64LE(0) };
}
