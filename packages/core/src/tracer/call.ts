import type { Arch } from '../abi/constants.js';
import { rowFor } from '../abi/lookup.js';
import type { Row } from '../abi/vocabulary.js';
import type { CompiledPolicy } from '../policy/compile.js';
import type { TraceeThread } from './process.js';
import type { Registers } from './registers.js';
import type { Place } from './router.js';

/** AT_FDCWD as an int: a descriptor argument that means the working directory (openat(2)). */
export const AT_FDCWD = -100;
/** No read or write moves more bytes (MAX_RW_COUNT in linux/fs.h). */
export const MAX_COUNT = 0x7fff_f000n;
/** PATH_MAX with its NUL (linux/limits.h). */
export const PATH_MAX = 4096;

/** One system call of a thread, stopped at its entry. */
export class Call {
  /** The strings among the arguments by register, in latin1; a null pointer has none, nor has a text that cannot be read. */
  readonly strings: (string | undefined)[] = [];
  /** They have been read: what they were then is what counts, whatever another thread does to them. */
  hasStrings = false;
  /** The negated errno of a path that cannot be read. */
  unreadable: bigint | undefined;
  /** The policy that it follows whole, from the first time that it is asked, though another one may come meanwhile. */
  policy: CompiledPolicy | undefined;
  /** Where its paths lead, by register, once that has been asked: before anything of it is done. */
  readonly places: (Place | undefined)[] = [];

  constructor(
    readonly thread: TraceeThread,
    readonly name: string,
    readonly number: number,
    readonly row: Row,
  ) {}

  /** Takes what `read` has for each string: itself, or a negated errno. */
  takeStrings(read: (register: number) => string | number): void {
    this.hasStrings = true;
    for (let register = 0; register < this.row.order.length; register++) {
      const arg = this.row.order[register];
      if (arg?.kind !== 'string') continue;
      if (this.thread.registers.argument(register) === 0n) continue;
      const text = read(register);
      if (typeof text === 'string') this.strings[register] = text;
      else if (arg.path) this.unreadable ??= BigInt(text);
    }
  }

  index(argument: string): number {
    const index = this.row.names.indexOf(argument);
    if (index < 0) throw new TypeError(`${this.name} has no argument ${argument}`);
    return index;
  }

  /** The argument as an int: a descriptor, flags. */
  int(argument: string): number {
    return this.thread.registers.int(this.index(argument));
  }

  arg(argument: string): bigint {
    return this.thread.registers.argument(this.index(argument));
  }

  /** The argument as a number of bytes: an int where the call takes one, else the whole register. */
  length(argument: string): bigint {
    const arg = this.row.args[argument];
    if (arg?.kind !== 'number' || arg.bits === 64) return this.arg(argument);
    return BigInt(arg.signed ? this.int(argument) : this.int(argument) >>> 0);
  }

  /** The six argument registers. */
  registers(): bigint[] {
    return [0, 1, 2, 3, 4, 5].map((index) => this.thread.registers.argument(index));
  }
}

/** The row of the call that a thread's registers describe, and its name; undefined for a call that has no row. */
export function describe(
  arch: Arch,
  registers: Registers,
): { readonly name: string; readonly row: Row } | undefined {
  // 32-bit code has other numbers.
  if (registers.isCompat) return undefined;
  return rowFor(arch, registers.number, (index) => registers.argument(index));
}
