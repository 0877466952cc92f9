/** How long a call waits at the most. */
import { structSize } from '../abi/structs.js';
import type { Call } from './call.js';

const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000n;

/** Reads bytes of the tracee; undefined where not all of them can be read. */
export type Read = (addr: bigint, size: number) => Buffer | undefined;

/** The argument that says how long a call waits. */
export interface Timeout {
  readonly register: number;
  /** In nanoseconds; undefined: for ever. */
  readonly ns: bigint | undefined;
  /** Where the time that is left is written to, as (struct timespec, or timeval) says; undefined: nowhere. */
  readonly at: { readonly addr: bigint; readonly unit: bigint } | undefined;
}

/** The timeout in the argument `name`; undefined where the kernel refuses it, or its memory cannot be read. */
export function timeoutOf(call: Call, name: string, read: Read): Timeout | undefined {
  const register = call.index(name);
  const arg = call.row.args[name];
  if (arg?.kind !== 'struct') {
    const ms = call.int(name);
    return { register, ns: ms < 0 ? undefined : BigInt(ms) * NS_PER_MS, at: undefined };
  }
  const addr = call.arg(name);
  if (addr === 0n) return { register, ns: undefined, at: undefined };
  const bytes = read(addr, structSize(arg.struct));
  if (bytes === undefined) return undefined;
  const unit = arg.struct === 'timeval' ? 1000n : 1n;
  const seconds = bytes.readBigInt64LE(0);
  const fraction = bytes.readBigInt64LE(8) * unit;
  // A timeval may have more than a second of microseconds (fs/select.c: kern_select).
  const isValid = seconds >= 0n && fraction >= 0n && (unit > 1n || fraction < NS_PER_S);
  if (!isValid) return undefined;
  const at = arg.direction === 'inout' ? { addr, unit } : undefined;
  return { register, ns: seconds * NS_PER_S + fraction, at };
}

/** The same, as far as it is left after `ms`. */
export function leftOf({ ns }: Timeout, ms: number): bigint | undefined {
  if (ns === undefined) return undefined;
  const left = ns - BigInt(Math.round(ms * 1e6));
  return left > 0n ? left : 0n;
}

/** `ns` nanoseconds as a struct timespec (`unit` 1) or timeval (`unit` 1000). */
export function timeBytes(ns: bigint, unit: bigint): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64LE(ns / NS_PER_S, 0);
  bytes.writeBigInt64LE((ns % NS_PER_S) / unit, 8);
  return bytes;
}

/** `ns` nanoseconds as poll(2) takes them: milliseconds, of which one that has begun counts. */
export function wholeMilliseconds(ns: bigint | undefined): bigint {
  return ns === undefined ? -1n : (ns + NS_PER_MS - 1n) / NS_PER_MS;
}
