/** Memory of a remote call, as the protocol's segments describe it. */
export interface Memory {
  readonly direction: Direction;
  readonly size: number;
  /** What travels in; for `in` and `inout`. */
  readonly bytes?: Uint8Array;
  /** Addresses within this memory: the byte offset, and the memory that it points to. */
  readonly pointers: ReadonlyArray<readonly [offset: number, to: Memory]>;
}

export enum Direction {
  in,
  out,
  inout,
  counted,
}

type Pointers = Memory['pointers'];

export const input = (bytes: Uint8Array, pointers: Pointers = []): Memory => ({
  direction: Direction.in,
  size: bytes.length,
  bytes,
  pointers,
});
export const inout = (bytes: Uint8Array): Memory => ({
  direction: Direction.inout,
  size: bytes.length,
  bytes,
  pointers: [],
});
export const output = (size: number): Memory => ({ direction: Direction.out, size, pointers: [] });
export const counted = (size: number): Memory => ({ direction: Direction.counted, size, pointers: [] });
export const cstring = (text: string): Memory => input(Buffer.from(`${text}\0`));

/** An array of `struct iovec` that points to the given memory. */
export function iovecs(...parts: Memory[]): Memory {
  const array = Buffer.alloc(16 * parts.length);
  parts.forEach((part, i) => array.writeBigUInt64LE(BigInt(part.size), 16 * i + 8));
  return input(
    array,
    parts.map((part, i) => [16 * i, part] as const),
  );
}

export type Argument = number | bigint | Memory;

/** The last three parts of a call frame: args, segments, and the byte strings. */
export function marshal(args: readonly Argument[]): [Uint8Array, number[][], ...Uint8Array[]] {
  const registers = Buffer.alloc(48);
  const segments: number[][] = [];
  const bytes: Uint8Array[] = [];
  const add = (slot: number, memory: Memory): void => {
    const index = segments.push([slot, memory.direction, memory.size]) - 1;
    if (memory.bytes) bytes.push(memory.bytes);
    for (const [offset, to] of memory.pointers) add(((index + 1) << 16) | offset, to);
  };
  args.forEach((arg, i) => {
    if (typeof arg === 'object') add(i, arg);
    else registers.writeBigUInt64LE(BigInt.asUintN(64, BigInt(arg)), 8 * i);
  });
  return [registers, segments, ...bytes];
}
