import type { Arg, Row } from '../abi/vocabulary.js';
import { structSize } from '../abi/structs.js';
import { errno } from '../abi/errno.js';
import { FrameType, LENGTH_BYTES } from '../protocol/frames.js';
import { MAX_FRAME, MAX_PAYLOAD, MAX_SEGMENTS } from '../protocol/limits.js';
import { AT_FDCWD, type Call } from './call.js';
import { FrameWriter } from './frame-writer.js';
import type { Kernel } from './kernel.js';

/** So many bytes of calls are sent together at the most; the last of them may be of full size. */
export const MAX_BATCH = 64 << 10;

/** How a segment travels: `direction` in protocol.cddl. */
const Direction = { in: 0, out: 1, inout: 2, counted: 3 } as const;
type Direction = (typeof Direction)[keyof typeof Direction];

/** One piece of memory of a call: `slot` in protocol.cddl says where its address goes. */
interface Segment {
  readonly slot: number;
  readonly direction: Direction;
  readonly size: number;
  /** Where the bytes are in the tracee, or the bytes themselves; text in latin1 ends with a NUL. */
  readonly source: bigint | Uint8Array | string;
}

/** Where bytes that come out belong in the tracee, and how many there is room for. */
export interface Output {
  readonly addr: bigint;
  readonly size: number;
}

/** How a call differs from what stands in the registers. */
export interface Changes {
  /** By register: paths to send instead of the tracee's, absolute, in latin1. */
  readonly paths?: ReadonlyMap<number, string>;
  /** Bytes that earlier pieces of the same call have moved. */
  readonly done?: number;
  /** As many bytes as it moves at the most. */
  readonly limit?: number;
  /** Memory that goes in cannot be read: the kernel there says whether that is the first thing that is wrong. */
  readonly unreadable?: true;
}

/** Nothing is mapped there in a twin, nor is it a null pointer, which may mean something (mmap_min_addr in proc(5)). */
const UNMAPPED = 1n;
const POINTER_BYTES = 8;
const IOVEC_BYTES = 16;
/** UIO_MAXIOV (linux/uio.h): more entries answer EINVAL. */
const MAX_IOVECS = 1024;
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
  private segments: Segment[] = [];
  private readonly args = new BigUint64Array(6);
  private readonly argHalves = new Int32Array(this.args.buffer);
  private readonly argBytes = new Uint8Array(this.args.buffer);
  private readonly table = new BigUint64Array(MAX_SEGMENT_TABLE);
  private readonly tableHalves = new Uint32Array(this.table.buffer);
  private readonly iovecs = Buffer.alloc(MAX_IOVECS * IOVEC_BYTES);

  constructor(private readonly kernel: Kernel) {
    kernel.prepareSegments(this.table);
  }

  /**
   * Writes the frame of `call`. Returns 0, or the negated errno with which the call ends without being sent: EFAULT when of the
   * memory that goes in some can be read, and some cannot.
   */
  encode(call: Call, changes: Changes = {}): number {
    const failed = this.encodeReadable(call, changes);
    const isFirst = changes.done === undefined && !changes.unreadable;
    if (failed !== -errno.EFAULT || this.readable > 0 || !isFirst) return failed;
    return this.encodeReadable(call, { ...changes, unreadable: true });
  }

  private encodeReadable(call: Call, changes: Changes): number {
    this.segments = [];
    this.readable = 0;
    const { row, thread } = call;
    thread.registers.copyArguments(row.names.length, this.argHalves);
    for (let index = 0; index < row.order.length; index++) {
      const arg = row.order[index];
      if (arg === undefined) continue;
      const failed = this.lay(call, index, arg, changes);
      if (failed < 0) return failed;
    }
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
    this.segments = [];
    for (let index = 0; index < 6; index++) this.args[index] = BigInt.asUintN(64, call.args[index] ?? 0n);
    for (const [register, text] of call.strings ?? []) this.layText(register, text);
    if (call.input) this.laySource(call.input[0], Direction.in, call.input[1]);
    for (const [register, bytes] of call.changed ?? []) this.laySource(register, Direction.inout, bytes);
    if (call.output) {
      const { register, size, counted } = call.output;
      this.layAt(register, counted ? Direction.counted : Direction.out, size, 0n);
    }
    this.write(stream, twin, call.number, call.mayBlock ? Blocking.always : Blocking.never, 0);
  }

  /**
   * Where the answer to the call that was encoded last belongs, in order. It comes from the call alone, so that an answer
   * can write nothing else.
   */
  outputs(): readonly Output[] {
    const outputs: Output[] = [];
    for (const { direction, source, size } of this.segments) {
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
        this.argHalves[index * 2] = remoteNumber(call, index);
        return 0;
      case 'number':
        if (changes.done && hasPlace(arg, registers.argument(index)))
          this.args[index] = registers.argument(index) + BigInt(changes.done);
        return 0;
      case 'addr':
        this.args[index] = 0n;
        return 0;
      case 'string': {
        const text = changes.paths?.get(index) ?? call.strings[index];
        if (text !== undefined) this.layText(index, text);
        return 0;
      }
      default:
        return this.layMemory(call, index, arg, registers.argument(index), changes);
    }
  }

  /** Lays out what a pointer points to. */
  private layMemory(call: Call, index: number, arg: Arg, pointer: bigint, changes: Changes): number {
    if (changes.unreadable && goesIn(arg)) {
      this.args[index] = pointer === 0n ? 0n : UNMAPPED;
      return 0;
    }
    switch (arg.kind) {
      case 'struct':
        if (pointer !== 0n) this.layAt(index, Direction[arg.direction], structSize(arg.struct), pointer);
        return 0;
      case 'bytes':
        return this.layBytes(call, index, arg, pointer, changes);
      case 'iovec':
        return this.layIovecs(
          call.thread.process.pid,
          index,
          arg.direction,
          pointer,
          call.int(arg.count),
          changes,
          call,
        );
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
    const wanted = call.length(arg.length) - BigInt(done);
    // A negative length is for the kernel there to refuse.
    if (pointer === 0n || wanted < 0n) return 0;
    const size = wanted > BigInt(limit) ? limit : Number(wanted);
    if (done > 0 || BigInt(size) !== wanted) this.args[length] = BigInt(size);
    const counts = call.row.success.kind === 'count' && call.row.names[index] === call.row.success.of;
    const direction = counts && arg.direction === 'out' ? Direction.counted : Direction[arg.direction];
    this.layAt(index, direction, size, pointer + BigInt(done));
    return 0;
  }

  private layIovecs(
    pid: number,
    index: number,
    direction: 'in' | 'out',
    pointer: bigint,
    count: number,
    { done = 0, limit = MAX_PAYLOAD }: Changes,
    call: Call,
  ): number {
    // How many are too many is for the kernel there to say, behind what else may be wrong.
    if (count < 0 || count > MAX_IOVECS) this.args[index] = UNMAPPED;
    if (count <= 0 || count > MAX_IOVECS) return 0;
    const bytes = count * IOVEC_BYTES;
    if (this.copyIn(pid, this.iovecs, 0, pointer, bytes) < bytes) return -errno.EFAULT;
    const parent = this.segments.length;
    const entries: Segment[] = [];
    const sent = Buffer.alloc(bytes);
    let skip = done;
    let room = limit;
    for (let entry = 0; entry < count && room > 0; entry++) {
      const addr = this.iovecs.readBigUInt64LE(entry * IOVEC_BYTES);
      const length = this.iovecs.readBigInt64LE(entry * IOVEC_BYTES + POINTER_BYTES);
      if (length < 0n) return this.layRefused(index, bytes);
      const skipped = Number(length) < skip ? Number(length) : skip;
      skip -= skipped;
      const size = Math.min(Number(length) - skipped, room);
      room -= size;
      if (size === 0) continue;
      const offset = entries.length * IOVEC_BYTES;
      sent.writeBigUInt64LE(BigInt(size), offset + POINTER_BYTES);
      entries.push({
        slot: ((parent + 1) << 16) | offset,
        direction: direction === 'in' ? Direction.in : Direction.counted,
        size,
        source: addr + BigInt(skipped),
      });
    }
    this.laySource(index, Direction.in, sent.subarray(0, entries.length * IOVEC_BYTES));
    this.segments.push(...entries);
    const countArgument = call.row.order[index];
    if (countArgument?.kind === 'iovec') this.args[call.index(countArgument.count)] = BigInt(entries.length);
    return 0;
  }

  /** Entries of which one has a negative length: the kernel there refuses them before it follows any. */
  private layRefused(index: number, bytes: number): number {
    const sent = Buffer.from(this.iovecs.subarray(0, bytes));
    for (let entry = 0; entry < bytes; entry += IOVEC_BYTES) sent.writeBigUInt64LE(0n, entry);
    this.laySource(index, Direction.in, sent);
    return 0;
  }

  /** _IOC of linux/ioctl.h: two bits of direction (1: to the kernel, 2: from it), 14 bits of size. */
  private layIoctl(index: number, request: number, pointer: bigint): number {
    const size = (request >>> 16) & 0x3fff;
    const direction = request >>> 30;
    if (pointer === 0n) return 0;
    // A request of no known shape: its argument may be an address, which must not be taken for one over there.
    if (direction === 0 || size === 0) return -errno.EOPNOTSUPP;
    const travel = direction === 1 ? Direction.in : direction === 2 ? Direction.out : Direction.inout;
    this.layAt(index, travel, size, pointer);
    return 0;
  }

  private layAt(slot: number, direction: Direction, size: number, addr: bigint): void {
    this.segments.push({ slot, direction, size, source: addr });
  }

  private layText(slot: number, latin1: string): void {
    this.segments.push({ slot, direction: Direction.in, size: latin1.length + 1, source: latin1 });
  }

  private laySource(slot: number, direction: Direction, source: Uint8Array): void {
    this.segments.push({ slot, direction, size: source.length, source });
  }

  private write(stream: number, twin: number, number: number, blocking: number, process: number): number {
    const { writer, segments } = this;
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
    writer.buffer.set(this.argBytes, args);
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

/** `blocking` in protocol.cddl. */
function blockingOf(row: Row): number {
  const known = blocking.get(row);
  if (known !== undefined) return known;
  const fact = row.facts.find(({ kind }) => kind === 'blocks');
  const register = (name: string | undefined) =>
    name === undefined ? CWD_REGISTER : row.names.indexOf(name);
  let code: number = Blocking.never;
  if (fact?.kind === 'blocks') {
    if (fact.unlessRegular !== undefined) code = Blocking.unlessRegular + register(fact.unlessRegular);
    else if (fact.unlessRegularPath) {
      const [dirfd, path] = fact.unlessRegularPath;
      code = Blocking.unlessRegularPath + 8 * register(dirfd) + register(path);
    } else code = Blocking.always;
  }
  blocking.set(row, code);
  return code;
}

const Blocking = { never: 0, always: 1, unlessRegular: 2, unlessRegularPath: 8 } as const;
/** Stands for the working directory where a register with a descriptor is named. */
const CWD_REGISTER = 6;
const blocking = new WeakMap<Row, number>();

/** A descriptor argument as the twin knows it. What is not remote is no descriptor there: the twin answers EBADF. */
function remoteNumber(call: Call, index: number): number {
  const fd = call.thread.registers.int(index);
  return call.thread.process.descriptors.get(fd)?.number ?? (fd === AT_FDCWD ? AT_FDCWD : -1);
}

function takesBytes(direction: Direction): boolean {
  return direction === Direction.in || direction === Direction.inout;
}

/** Whether an argument says at which place of a file a call moves bytes, rather than where the file is. */
export function hasPlace(arg: Arg, value: bigint): boolean {
  if (arg.kind !== 'number' || !arg.position) return false;
  return arg.position !== 'own' || BigInt.asIntN(64, value) !== -1n;
}

/** Whether an argument points to memory that the kernel reads. */
function goesIn(arg: Arg): boolean {
  return arg.kind === 'iovec' || arg.kind === 'ioctl' || ('direction' in arg && arg.direction !== 'out');
}
