import type { Arg } from '../abi/vocabulary.js';
import { structSize } from '../abi/structs.js';
import { errno } from '../abi/errno.js';
import { FrameType, LENGTH_BYTES } from '../protocol/frames.js';
import { MAX_FRAME, MAX_PAYLOAD, MAX_SEGMENTS } from '../protocol/limits.js';
import { Blocking, blockingOf } from './blocking.js';
import { AT_FDCWD, MAX_COUNT, type Call } from './call.js';
import type { Changes } from './changes.js';
import { FrameWriter } from './frame-writer.js';
import { layIovecs } from './iovecs.js';
import type { Kernel } from './kernel.js';
import { Direction, Layout, takesBytes } from './layout.js';
import { layPointing, type ReadInto } from './pointing.js';

/** So many bytes of calls are sent together at the most; the last of them may be of full size. */
export const MAX_BATCH = 64 << 10;

/** Where bytes that come out belong in the tracee, and how many there is room for. */
export interface Output {
  readonly addr: bigint;
  readonly size: number;
}

/** Where the addresses of programs end: reads and writes that go beyond are refused as a whole (access_ok in asm/uaccess.h). */
const USER_END = (1n << 47n) - 4096n;
/** Of a segment to move: its address, its length, and where it is in the buffer. */
const SEGMENT_WORDS = 3;
const MAX_SEGMENT_TABLE = SEGMENT_WORDS * MAX_SEGMENTS;
const ARGUMENTS_BYTES = 48;

/** What a direct call, which no row describes, sends besides its number: registers, and strings by register. */
export interface DirectCall {
  readonly number: number;
  readonly args: readonly bigint[];
  readonly strings?: readonly (readonly [register: number, latin1: string])[];
  /** Bytes that a register points to. */
  readonly input?: readonly [register: number, bytes: Uint8Array];
  /** Bytes by register that come back changed, before the output. */
  readonly changed?: readonly (readonly [register: number, bytes: Uint8Array])[];
  /** It may wait for somebody else. */
  readonly mayBlock?: boolean;
  /** A buffer: all of it comes back, or as much of it as the result says. */
  readonly output?: { readonly register: number; readonly size: number; readonly counted: boolean };
}

/** Lays calls out as frames, straight from the tracee's memory, and answers back into it. */
export class Marshaller {
  readonly writer = new FrameWriter(MAX_BATCH + MAX_FRAME + LENGTH_BYTES);
  /** How many bytes of the last call's inputs could be read, where that was not all. */
  readable = 0;
  private readonly layout = new Layout();
  private readonly table = new BigUint64Array(MAX_SEGMENT_TABLE);
  private readonly tableHalves = new Uint32Array(this.table.buffer);

  constructor(private readonly kernel: Kernel) {
    kernel.prepareSegments(this.table);
  }

  /**
   * Writes the frame of `call`. Returns 0, or the negated errno with which the call ends without being sent: EFAULT when of the
   * memory that goes in some can be read, and some cannot.
   */
  encode(call: Call, changes: Changes = {}): number {
    this.layout.begin();
    this.readable = 0;
    const { row, thread } = call;
    thread.registers.copyArguments(row.names.length, this.layout.argHalves);
    for (let index = 0; index < row.order.length; index++) {
      const arg = row.order[index];
      if (arg === undefined) continue;
      const failed = this.lay(call, index, arg, changes);
      if (failed < 0) return failed;
    }
    if (changes.args) for (const [index, value] of changes.args) this.layout.args[index] = value;
    if (changes.withBadPointers) this.pointNowhere(thread.process.pid);
    return this.write(
      call.thread.stream,
      call.thread.process.twin,
      call.number,
      blockingOf(row),
      thread.process.pid,
    );
  }

  /** Writes the frame of a call that the tracer makes for itself. */
  encodeDirect(stream: number, twin: number, call: DirectCall): void {
    this.layout.begin();
    for (let index = 0; index < 6; index++)
      this.layout.args[index] = BigInt.asUintN(64, call.args[index] ?? 0n);
    for (const [register, text] of call.strings ?? []) this.layout.text(register, text);
    if (call.input) this.layout.source(call.input[0], Direction.in, call.input[1]);
    for (const [register, bytes] of call.changed ?? []) this.layout.source(register, Direction.inout, bytes);
    if (call.output) {
      const { register, size, counted } = call.output;
      this.layout.at(register, counted ? Direction.counted : Direction.out, size, 0n);
    }
    this.write(stream, twin, call.number, call.mayBlock ? Blocking.always : Blocking.never, 0);
  }

  /**
   * Where the answer to the call that was encoded last belongs, in order. It comes from the call alone, so that an answer
   * can write nothing else.
   */
  outputs(): readonly Output[] {
    const outputs: Output[] = [];
    for (const { direction, source, size } of this.layout.segments) {
      if (direction === Direction.in) continue;
      outputs.push({ addr: typeof source === 'bigint' ? source : 0n, size });
    }
    return outputs;
  }

  /**
   * Copies the `views` of an answer, which lie in the memory of `bytes`, to `outputs`. Returns the number of bytes that
   * could be written; or a negated errno.
   */
  store(
    process: number,
    outputs: readonly Output[],
    views: readonly Uint8Array[],
    bytes: Uint8Array,
  ): number {
    let count = 0;
    for (let index = 0; index < views.length; index++) {
      const view = views[index];
      const output = outputs[index];
      if (view === undefined || output === undefined || view.length === 0) continue;
      this.setSegment(count++, output.addr, view.length, view.byteOffset - bytes.byteOffset);
    }
    return count === 0 ? 0 : this.kernel.writeMemory(process, bytes, undefined, count);
  }

  private lay(call: Call, index: number, arg: Arg, changes: Changes): number {
    const { registers } = call.thread;
    switch (arg.kind) {
      case 'fd':
        this.layout.argHalves[index * 2] = remoteNumber(call, index);
        return 0;
      case 'number':
        if (changes.done && hasPlace(arg, registers.argument(index)))
          this.layout.args[index] = registers.argument(index) + BigInt(changes.done);
        return 0;
      case 'addr':
        this.layout.args[index] = 0n;
        return 0;
      case 'string': {
        const text = changes.paths?.get(index) ?? call.strings[index];
        if (text !== undefined) this.layout.text(index, text);
        // A kernel looks at paths first; whether at other texts before all else, the one there knows.
        else if (registers.argument(index) !== 0n) this.layout.bad(index);
        return 0;
      }
      default:
        return this.layMemory(call, index, arg, registers.argument(index), changes);
    }
  }

  /** Lays out what a pointer points to. */
  private layMemory(call: Call, index: number, arg: Arg, pointer: bigint, changes: Changes): number {
    switch (arg.kind) {
      case 'struct':
        if (pointer !== 0n) this.layout.at(index, Direction[arg.direction], structSize(arg.struct), pointer);
        return 0;
      case 'bytes':
        return this.layBytes(call, index, arg, pointer, changes);
      case 'pointing':
        return layPointing(this.layout, { call, index, arg, pointer, changes }, this.readerOf(call));
      case 'iovec':
        return layIovecs(this.layout, { call, index, arg, pointer, changes }, this.readerOf(call));
      case 'ioctl':
        return this.layIoctl(index, Number(call.arg(arg.request) & 0xffff_ffffn), pointer);
      default:
        throw new TypeError(`${call.name} cannot be sent: descriptors in memory are not translated`);
    }
  }

  private layBytes(
    call: Call,
    index: number,
    arg: Arg & { kind: 'bytes' },
    pointer: bigint,
    { done = 0, limit = MAX_PAYLOAD }: Changes,
  ): number {
    const length = call.index(arg.length);
    const asked = call.length(arg.length);
    const { success } = call.row;
    const isTransfer = success.kind === 'count' && !success.whole;
    const wanted = (isTransfer && asked > MAX_COUNT ? MAX_COUNT : asked) - BigInt(done);
    if (pointer === 0n) return 0;
    // Such lengths are for the kernel there to refuse.
    if (wanted < 0n || (isTransfer && pointer + asked > USER_END)) return this.layout.bad(index);
    const size = wanted > BigInt(limit) ? limit : Number(wanted);
    if (done > 0 || BigInt(size) !== wanted) this.layout.args[length] = BigInt(size);
    const counts = call.row.success.kind === 'count' && call.row.names[index] === call.row.success.of;
    const direction = counts && arg.direction === 'out' ? Direction.counted : Direction[arg.direction];
    this.layout.at(index, direction, size, pointer + BigInt(done));
    return 0;
  }

  /** Puts a bad pointer in the place of each segment that cannot be read whole. */
  private pointNowhere(pid: number): void {
    const { buffer, ready } = this.writer;
    this.layout.pointNowhere((addr, size) => this.copyIn(pid, buffer, ready, addr, size) === size);
  }

  private readerOf({ thread }: Call): ReadInto {
    return (into, addr, length) => this.copyIn(thread.process.pid, into, 0, addr, length);
  }

  /** _IOC of linux/ioctl.h: two bits of direction (1: to the kernel, 2: from it), 14 bits of size. */
  private layIoctl(index: number, request: number, pointer: bigint): number {
    const size = (request >>> 16) & 0x3fff;
    const direction = request >>> 30;
    if (pointer === 0n) return 0;
    // A request of no known shape: its argument may be an address, which must not be taken for one over there.
    if (direction === 0 || size === 0) return -errno.EOPNOTSUPP;
    const travel = direction === 1 ? Direction.in : direction === 2 ? Direction.out : Direction.inout;
    this.layout.at(index, travel, size, pointer);
    return 0;
  }

  private write(stream: number, twin: number, number: number, blocking: number, process: number): number {
    const { writer } = this;
    const { segments } = this.layout;
    const inputs = segments.reduce((sum, { direction }) => sum + (takesBytes(direction) ? 1 : 0), 0);
    writer.begin();
    writer.array(7 + inputs);
    writer.uint(FrameType.call);
    writer.uint(stream);
    writer.uint(twin);
    writer.uint(number);
    writer.uint(blocking);
    const args = writer.bytes(ARGUMENTS_BYTES);
    writer.array(segments.length);
    for (const { slot, direction, size } of segments) {
      writer.array(3);
      writer.uint(slot);
      writer.uint(direction);
      writer.uint(size);
    }
    let fromTracee = 0;
    let wanted = 0;
    for (const { direction, source, size } of segments) {
      if (!takesBytes(direction)) continue;
      const offset = writer.bytes(size);
      if (typeof source === 'string') {
        writer.buffer.write(source, offset, 'latin1');
        writer.buffer[offset + size - 1] = 0;
        continue;
      }
      if (typeof source !== 'bigint') {
        writer.buffer.set(source, offset);
        continue;
      }
      this.setSegment(fromTracee++, source, size, offset);
      wanted += size;
    }
    writer.buffer.set(this.layout.argBytes, args);
    if (fromTracee > 0) {
      const got = this.kernel.readMemory(process, writer.buffer, undefined, fromTracee);
      if (got !== wanted) {
        this.readable = Math.max(got, 0);
        return -errno.EFAULT;
      }
    }
    writer.finish();
    return 0;
  }

  private copyIn(process: number, into: Uint8Array, offset: number, addr: bigint, length: number): number {
    this.setSegment(0, addr, length, offset);
    return this.kernel.readMemory(process, into, undefined, 1);
  }

  /** Sets one of the segments to move; the lower halves of numbers are enough, and cheaper than bigints. */
  private setSegment(index: number, addr: bigint, length: number, offset: number): void {
    const at = index * SEGMENT_WORDS;
    this.table[at] = addr;
    this.tableHalves[2 * (at + 1)] = length;
    this.tableHalves[2 * (at + 2)] = offset;
  }
}

/** A descriptor argument as the twin knows it. What is not remote is no descriptor there: the twin answers EBADF. */
function remoteNumber(call: Call, index: number): number {
  const fd = call.thread.registers.int(index);
  return call.thread.process.descriptors.get(fd)?.number ?? (fd === AT_FDCWD ? AT_FDCWD : -1);
}

/** Whether an argument says at which place of a file a call moves bytes, rather than where the file is. */
export function hasPlace(arg: Arg, value: bigint): boolean {
  if (arg.kind !== 'number' || !arg.position) return false;
  return arg.position !== 'own' || BigInt.asIntN(64, value) !== -1n;
}
