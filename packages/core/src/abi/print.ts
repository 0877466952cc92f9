/** Prints system calls as strace(1) does: `openat(AT_FDCWD, "/data/x", O_RDONLY|O_CLOEXEC) = 3`. */
import { constant, type Arch } from './constants.js';
import { errnoName, errnoText, isError } from './errno.js';
import { octal, printAddress, printBytes, printFlags, printMode } from './print-scalars.js';
import { isDevice, printDevice, printStruct } from './print-structs.js';
import { fieldOf, layoutOf, structSize } from './structs.js';
import type { Arg, Row } from './vocabulary.js';

/** A call that has been made. `args`: the six argument registers. */
export interface MadeCall {
  readonly name: string;
  readonly row: Row;
  readonly args: readonly bigint[];
  /** What is in the result register, signed; undefined: the call has not come back. */
  readonly result: bigint | undefined;
}

/** Reads the caller's memory: as many of the bytes as can be had. */
export type ReadMemory = (addr: bigint, length: number) => Buffer;

export interface PrintOptions {
  readonly arch?: Arch;
  /** How many bytes of a buffer are shown: 32, as strace has it. */
  readonly limit?: number;
  /** Reads the memory as it was when the call was made: what went in is printed from there. */
  readonly before?: ReadMemory;
}

/** Bytes of a path, at most (PATH_MAX in linux/limits.h). */
const PATH_BYTES = 4096;
/** The highest error number (MAX_ERRNO in linux/err.h). */
/** A set of descriptors is made of words of so many bytes (select(2)). */
const WORD_BYTES = 8;
/** The highest possible number of descriptors (NR_OPEN in include/linux/fs.h). */
const MOST_DESCRIPTORS = 1 << 20;

/** The call with its arguments and its result. */
export function printCall(call: MadeCall, read: ReadMemory, options: PrintOptions = {}): string {
  const { arch = 'x86_64', limit = 32, before = read } = options;
  const printer = new Printer(call, before, read, arch, limit);
  return `${call.name}(${printer.args().join(', ')}) = ${printer.result()}`;
}

class Printer {
  private readonly failed: boolean;

  constructor(
    private readonly call: MadeCall,
    private readonly before: ReadMemory,
    private readonly after: ReadMemory,
    private readonly arch: Arch,
    private readonly limit: number,
  ) {
    this.failed = call.result === undefined || isError(call.result);
  }

  args(): string[] {
    const { row } = this.call;
    return row.names.flatMap((name, index) => {
      const arg = row.args[name];
      if (arg === undefined || this.isLeftOut(arg)) return [];
      return [this.arg(name, arg, this.call.args[index] ?? 0n)];
    });
  }

  result(): string {
    const { result, row } = this.call;
    if (result === undefined) return '?';
    if (this.failed) {
      const number = Number(-result);
      // The kernel's own errors are not the program's: it never sees them.
      const prefix = number >= 512 && number < 600 ? '?' : '-1';
      return `${prefix} ${errnoName(number)} (${errnoText(number)})`;
    }
    const base = row.success.kind === 'value' ? row.success.base : undefined;
    if (base === 8) return octal(Number(result));
    // What is no error is unsigned: rt_sigreturn(2) gives back whatever the register had.
    const unsigned = BigInt.asUintN(64, result);
    return base === 16 && unsigned !== 0n ? printAddress(unsigned) : String(unsigned);
  }

  /** What does not count is not printed, as in strace: a mode, a device, the half of a place. */
  private isLeftOut(arg: Arg): boolean {
    if (arg.kind !== 'number') return false;
    if (arg.upperHalf) return true;
    if (arg.deviceOf !== undefined) return !isDevice(Number(this.valueOf(arg.deviceOf)), this.arch);
    if (arg.creating === undefined) return false;
    const flags = this.valueOf(arg.creating);
    const temporary = BigInt(constant('O_TMPFILE', this.arch) & ~constant('O_DIRECTORY', this.arch));
    return (flags & (BigInt(constant('O_CREAT', this.arch)) | temporary)) === 0n;
  }

  private arg(name: string, arg: Arg, value: bigint): string {
    switch (arg.kind) {
      case 'fd': {
        const fd = Number(BigInt.asIntN(32, value));
        return arg.atFdcwd && fd === constant('AT_FDCWD', this.arch) ? 'AT_FDCWD' : String(fd);
      }
      case 'number':
        return this.number(arg, value);
      case 'addr':
        return printAddress(value);
      default:
        return value === 0n ? 'NULL' : this.pointer(name, arg, value);
    }
  }

  private number(arg: Arg & { kind: 'number' }, value: bigint): string {
    const unsigned = BigInt.asUintN(arg.bits, value);
    if (arg.set !== undefined) return printFlags(unsigned, arg.set, this.arch);
    if (arg.octal) return printMode(Number(unsigned), this.arch);
    if (arg.deviceOf !== undefined) return printDevice(unsigned);
    if (arg.hex) return unsigned === 0n ? '0' : printAddress(unsigned);
    return String(arg.signed ? BigInt.asIntN(arg.bits, value) : unsigned);
  }

  private pointer(name: string, arg: Arg, value: bigint): string {
    switch (arg.kind) {
      case 'string':
        return this.string(arg, value);
      case 'bytes':
        return this.bytes(name, arg, value);
      case 'struct':
        return this.struct(arg, value);
      case 'pointing':
        return this.pointing(arg, value);
      case 'iovec':
        return this.iovec(arg, value);
      case 'pollfds':
        return this.pollFds(value, Number(BigInt.asUintN(32, this.valueOf(arg.count))));
      case 'fdset':
        return this.descriptorSet(value, Number(BigInt.asIntN(32, this.valueOf(arg.count))));
      default:
        return printAddress(value);
    }
  }

  /** What went in, and behind an arrow what came out, where that is something else. */
  private struct(arg: Arg & { kind: 'struct' }, addr: bigint): string {
    const size = structSize(arg.struct, this.arch);
    const print = (read: ReadMemory) =>
      printStruct(read(addr, size), arg.struct, this.arch) ?? printAddress(addr);
    if (arg.direction === 'in' || (arg.direction === 'inout' && this.failed)) return print(this.before);
    if (this.failed) return printAddress(addr);
    const [given, got] = [print(this.before), print(this.after)];
    return arg.direction === 'out' || given === got ? got : `${given} => ${got}`;
  }

  private string(arg: Arg & { kind: 'string' }, addr: bigint): string {
    const bytes = this.before(addr, PATH_BYTES);
    const end = bytes.indexOf(0);
    if (end >= 0) return printBytes(bytes.subarray(0, end), arg.path ? PATH_BYTES : this.limit);
    return bytes.length < PATH_BYTES ? printAddress(addr) : printBytes(bytes, PATH_BYTES - 1);
  }

  private bytes(name: string, arg: Arg & { kind: 'bytes' }, addr: bigint): string {
    const { success } = this.call.row;
    const counts = success.kind === 'count' && success.of === name;
    if (arg.as === 'records' || (arg.direction !== 'in' && (this.failed || !counts)))
      return printAddress(addr);
    const length = BigInt.asUintN(64, this.valueOf(arg.length));
    if (arg.as !== undefined) {
      const size = structSize(arg.as, this.arch);
      const told = Number(smaller(length, BigInt(size)));
      return printStruct(this.before(addr, told), arg.as, this.arch) ?? printAddress(addr);
    }
    const valid = arg.direction === 'in' ? length : smaller(length, this.call.result ?? 0n);
    return this.text(addr, valid, arg.direction === 'in' ? this.before : this.after);
  }

  /** As much of a buffer as is shown, and one byte more where there is more. */
  private text(addr: bigint, length: bigint, read: ReadMemory): string {
    const wanted = Number(smaller(length, BigInt(this.limit + 1)));
    const bytes = read(addr, wanted);
    return bytes.length < wanted ? printAddress(addr) : printBytes(bytes, this.limit);
  }

  /** The bytes that a struct points to, with the struct's fields around them. */
  private pointing(arg: Arg & { kind: 'pointing' }, addr: bigint): string {
    const size = structSize(arg.struct, this.arch);
    const told = Number(smaller(BigInt.asUintN(64, this.valueOf(arg.length)), BigInt(size)));
    const bytes = this.before(addr, told);
    if (bytes.length < size) return printAddress(addr);
    const [pointer, length] = arg.fields;
    const fields = Object.keys(layoutOf(arg.struct, this.arch).fields).map((field) => {
      const value = fieldOf(bytes, arg.struct, field, this.arch) ?? 0n;
      if (field !== pointer) return `${field}=${value}`;
      const room = fieldOf(bytes, arg.struct, length, this.arch) ?? 0n;
      const isShown = value !== 0n && !(arg.direction === 'out' && this.failed);
      const out = arg.direction === 'out';
      const valid = out ? smaller(room, this.call.result ?? 0n) : room;
      const text = isShown ? this.text(value, valid, out ? this.after : this.before) : printAddress(value);
      return `${field}=${value === 0n ? 'NULL' : text}`;
    });
    return `{${fields.join(', ')}}`;
  }

  private iovec(arg: Arg & { kind: 'iovec' }, addr: bigint): string {
    const out = arg.direction === 'out';
    const count = Number(this.valueOf(arg.count));
    const bytes = this.before(addr, Math.min(count, this.limit) * structSize('iovec', this.arch));
    if (bytes.length === 0 && count > 0) return printAddress(addr);
    let left = this.call.result ?? 0n;
    const entries = records(bytes, structSize('iovec', this.arch)).map((entry) => {
      const base = fieldOf(entry, 'iovec', 'iov_base', this.arch) ?? 0n;
      const length = fieldOf(entry, 'iovec', 'iov_len', this.arch) ?? 0n;
      const valid = out ? smaller(length, left) : length;
      left -= valid;
      const isText = base !== 0n && !(out && this.failed);
      const text = isText ? this.text(base, valid, out ? this.after : this.before) : printAddress(base);
      return `{iov_base=${text}, iov_len=${length}}`;
    });
    return `[${[...entries, ...(count > this.limit ? ['...'] : [])].join(', ')}]`;
  }

  private pollFds(addr: bigint, count: number): string {
    const size = structSize('pollfd', this.arch);
    const bytes = this.before(addr, Math.min(count, this.limit) * size);
    const entries = records(bytes, size).map((entry) => {
      const events = BigInt.asUintN(16, fieldOf(entry, 'pollfd', 'events', this.arch) ?? 0n);
      return `{fd=${fieldOf(entry, 'pollfd', 'fd', this.arch)}, events=${printFlags(events, 'POLL', this.arch)}}`;
    });
    return `[${[...entries, ...(count > this.limit ? ['...'] : [])].join(', ')}]`;
  }

  private descriptorSet(addr: bigint, count: number): string {
    if (count < 0) return printAddress(addr);
    const words = Math.ceil(Math.min(count, MOST_DESCRIPTORS) / (8 * WORD_BYTES));
    const bytes = this.before(addr, words * WORD_BYTES);
    const fds: number[] = [];
    for (let fd = 0; fd < Math.min(count, bytes.length * 8); fd++)
      if (((bytes[fd >> 3] ?? 0) >> (fd & 7)) & 1) fds.push(fd);
    return `[${fds.join(' ')}]`;
  }

  private valueOf(name: string): bigint {
    return this.call.args[this.call.row.names.indexOf(name)] ?? 0n;
  }
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function records(bytes: Buffer, size: number): Buffer[] {
  const count = Math.floor(bytes.length / size);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}
