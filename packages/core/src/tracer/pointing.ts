/** Structs of a call that point to more of its memory. */
import { errno } from '../abi/errno.js';
import { fieldOf, layoutOf, structSize } from '../abi/structs.js';
import type { Arg } from '../abi/vocabulary.js';
import { MAX_PAYLOAD } from '../protocol/limits.js';
import type { Call } from './call.js';
import type { Changes } from './changes.js';
import { BAD_POINTER, Direction, type Layout } from './layout.js';

/** An argument of a call that points to memory. */
export interface Pointed<K extends Arg['kind']> {
  readonly call: Call;
  readonly index: number;
  readonly arg: Arg & { readonly kind: K };
  readonly pointer: bigint;
  readonly changes: Changes;
}

/** Copies the tracee's memory; returns how many bytes could be read, or a negated errno. */
export type ReadInto = (into: Uint8Array, addr: bigint, length: number) => number;

/** No struct that a call takes by its size may be longer: a page (copy_struct_from_user in linux/uaccess.h). */
const MAX_STRUCT = 4096n;

/** Lays a struct and what it points to. One that is shorter or longer than is known is for the kernel there to refuse. */
export function layPointing(
  layout: Layout,
  { call, index, arg, pointer, changes }: Pointed<'pointing'>,
  read: ReadInto,
): number {
  const told = call.length(arg.length);
  if (pointer === 0n) return 0;
  if (told > MAX_STRUCT) return layout.bad(index);
  const bytes = Buffer.alloc(Number(told));
  if (read(bytes, pointer, bytes.length) < bytes.length)
    return changes.withBadPointers ? layout.bad(index) : -errno.EFAULT;
  const parent = layout.segments.length;
  layout.source(index, Direction.in, bytes);
  if (bytes.length >= structSize(arg.struct)) layTarget(layout, arg, bytes, parent);
  return 0;
}

function layTarget(layout: Layout, arg: Arg & { kind: 'pointing' }, bytes: Buffer, parent: number): void {
  const [at, length] = arg.fields;
  const addr = fieldOf(bytes, arg.struct, at) ?? 0n;
  const size = Number(fieldOf(bytes, arg.struct, length) ?? 0n);
  const [offset] = layoutOf(arg.struct).fields[at] ?? [0];
  if (addr === 0n) return;
  const isOut = arg.direction === 'out';
  // More than any kernel takes: it will not look at it.
  if (size > MAX_PAYLOAD && !isOut) bytes.writeBigUInt64LE(BAD_POINTER, offset);
  else
    layout.at(
      layout.slotIn(parent, offset),
      isOut ? Direction.counted : Direction.in,
      Math.min(size, MAX_PAYLOAD),
      addr,
    );
}
