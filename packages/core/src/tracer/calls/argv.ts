/** The arguments of a program that a script's first line changes. */
import { constant } from '../../abi/constants.js';
import { errno, isError } from '../../abi/errno.js';
import type { Call } from '../call.js';
import type { Part } from '../steps.js';
import type { Context } from './context.js';

const POINTER_BYTES = 8;
const PAGE_BYTES = 4096;
/** A limit of the kernel's is met before: a word costs its pointer and its end (execve(2), "Limits on size"). */
const MAX_POINTERS = 1 << 20;

/**
 * Lays out an argv in the tracee, in memory that ends with the program: `words`, and the caller's arguments from the second on.
 * Returns its address, or a negated errno.
 */
export function* argvWith(context: Context, call: Call, words: readonly string[]): Part<bigint> {
  const { thread } = call;
  const given = pointersAt(context, call, call.arg('argv'));
  if (given === undefined) return BigInt(-errno.EFAULT);
  const texts = words.map((word) => Buffer.from(`${word}\0`, 'latin1'));
  const rest = given.slice(1);
  const pointers = Buffer.alloc((texts.length + rest.length + 1) * POINTER_BYTES);
  const bytes = Buffer.concat([pointers, ...texts]);
  const addr = yield* context.step.local(context.step.number('mmap'), [
    0n,
    BigInt(bytes.length),
    BigInt(constant('PROT_READ') | constant('PROT_WRITE')),
    BigInt(constant('MAP_PRIVATE') | constant('MAP_ANONYMOUS')),
    -1n,
    0n,
  ]);
  if (isError(addr)) return addr;
  let text = addr + BigInt(pointers.length);
  [...texts, ...rest].forEach((entry, index) => {
    bytes.writeBigUInt64LE(typeof entry === 'bigint' ? entry : text, index * POINTER_BYTES);
    if (typeof entry !== 'bigint') text += BigInt(entry.length);
  });
  return context.step.write(thread, addr, bytes) < bytes.length ? BigInt(-errno.EFAULT) : addr;
}

/** The pointers of an array that ends with NULL; undefined where the memory cannot be read. A null array is empty. */
function pointersAt(context: Context, call: Call, addr: bigint): bigint[] | undefined {
  const pointers: bigint[] = [];
  const page = Buffer.alloc(PAGE_BYTES);
  for (let at = addr; addr !== 0n && pointers.length < MAX_POINTERS;) {
    const piece = page.subarray(0, PAGE_BYTES - (Number(at % BigInt(PAGE_BYTES)) & ~(POINTER_BYTES - 1)));
    const got = context.step.read(call.thread, at, piece);
    if (got < POINTER_BYTES) return undefined;
    for (let offset = 0; offset + POINTER_BYTES <= got; offset += POINTER_BYTES) {
      const pointer = piece.readBigUInt64LE(offset);
      if (pointer === 0n) return pointers;
      pointers.push(pointer);
    }
    at += BigInt(piece.length);
  }
  return pointers;
}
