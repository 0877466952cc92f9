/** How a segment travels: `direction` in protocol.cddl. */
export const Direction = { in: 0, out: 1, inout: 2, counted: 3 } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

/** One piece of memory of a call: `slot` in protocol.cddl says where its address goes. */
export interface Segment {
  readonly slot: number;
  readonly direction: Direction;
  readonly size: number;
  /** Where the bytes are in the tracee, or the bytes themselves; text in latin1 ends with a NUL. */
  readonly source: bigint | Uint8Array | string;
}

const ARGUMENTS = 6;
/** An address in the page that nobody has (vm.mmap_min_addr). */
export const BAD_POINTER = 16n;

/** The registers and the memory of one call as they are sent. */
export class Layout {
  segments: Segment[] = [];
  readonly args = new BigUint64Array(ARGUMENTS);
  /** The same memory in halves: the low half of argument i stands at 2i. */
  readonly argHalves = new Int32Array(this.args.buffer);
  readonly argBytes = new Uint8Array(this.args.buffer);

  /** Begins another call. */
  begin(): void {
    this.segments = [];
  }

  /** A segment of the tracee's memory. */
  at(slot: number, direction: Direction, size: number, addr: bigint): void {
    this.segments.push({ slot, direction, size, source: addr });
  }

  text(slot: number, latin1: string): void {
    this.segments.push({ slot, direction: Direction.in, size: latin1.length + 1, source: latin1 });
  }

  source(slot: number, direction: Direction, source: Uint8Array): void {
    this.segments.push({ slot, direction, size: source.length, source });
  }

  /** The slot of a pointer at `offset` of the segment that was laid as number `parent`. */
  slotIn(parent: number, offset: number): number {
    return ((parent + 1) << 16) | offset;
  }

  /** A pointer that the kernel there will find to be bad, or not look at. */
  bad(index: number): 0 {
    this.args[index] = BAD_POINTER;
    return 0;
  }

  /** Puts a bad pointer in the place of each segment that cannot be read whole. */
  pointNowhere(isReadable: (addr: bigint, size: number) => boolean): void {
    this.segments = this.segments.filter(({ slot, direction, source, size }) => {
      if (typeof source !== 'bigint' || !takesBytes(direction) || isReadable(source, size)) return true;
      const parent = slot < ARGUMENTS ? undefined : this.segments[(slot >>> 16) - 1]?.source;
      if (parent instanceof Buffer) parent.writeBigUInt64LE(BAD_POINTER, slot & 0xffff);
      else this.args[slot] = BAD_POINTER;
      return false;
    });
  }
}

/** Whether the bytes of a segment are sent. */
export function takesBytes(direction: Direction): boolean {
  return direction === Direction.in || direction === Direction.inout;
}
