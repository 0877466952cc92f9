/** Calls with an effect as data: what the guest static-effects is told. */
import { constantIn } from '@rsc/core/abi/constants';
import { numberOf, rowsOf } from '@rsc/core/abi/lookup';
import { structSize } from '@rsc/core/abi/structs';
import { table, type SyscallName } from '@rsc/core/abi/table';
import type { Arg } from '@rsc/core/abi/vocabulary';

/**
 * What an argument is: a number, a text, memory, or what an earlier call has returned. `@NAME` is a path in the folder. The same
 * object is the same memory wherever it stands.
 */
export type Word =
  | number
  | string
  | { readonly bytes: readonly number[] }
  /** 64-bit words, which may be addresses of other memory. */
  | { readonly longs: readonly Word[] }
  | { readonly ints: readonly number[] }
  | { readonly zeros: number }
  | { readonly resultOf: number; readonly plus?: number }
  /** What stands in other memory when the call is made: 64 bits. */
  | { readonly loadedFrom: Word };

/** A call with all its arguments; `child` makes a process that only waits. */
export type Step = readonly [name: SyscallName | 'child', ...args: Word[]];

/** How a call is made so that it has an effect. */
export interface Recipe {
  /** Calls that prepare it. Their first descriptor is 3. */
  readonly first?: readonly Step[];
  /** Arguments that are not what their kind makes them. */
  readonly args?: Readonly<Record<string, Word>>;
  /** Asked before and after it: what they answer is part of what is seen. */
  readonly asks?: readonly Step[];
  /** Why its effect cannot be made here. */
  readonly unseen?: string;
  /** What security hooks come too late for (State), and why. */
  readonly leaves?: { readonly part: string; readonly because: string };
}

export const BASE = 0x1000_0000;
/** The results of all calls stand there. */
export const RESULTS = BASE + 0xf000;
/** A call that only marks a moment. */
export const MARK: SyscallName = 'getpgrp';
const AT_FDCWD = -100;
const SCRATCH = 256;

/** The guest's arguments for a recipe, in a folder: its memory, and its calls. */
export function wordsOf(name: SyscallName, recipe: Recipe, folder: string): string[] {
  const { first = [], asks = [] } = recipe;
  const image = new Image(folder);
  const mark: Step = [MARK];
  const steps = [...first, ...asks, mark, [name, ...argumentsOf(name, recipe.args)] as Step, ...asks, mark];
  const calls = steps.map(([word, ...args]) => {
    const number = word === 'child' ? word : `${numberOf('x86_64', word)}`;
    return [number, ...args.map((each) => image.argument(each))].join(',');
  });
  return [image.hex(), ...calls];
}

/** Those of a call, by kind where the recipe has none. */
function argumentsOf(name: SyscallName, own: Readonly<Record<string, Word>> = {}): Word[] {
  const [row] = rowsOf(table[name]);
  const names = row?.names ?? [];
  for (const each of Object.keys(own))
    if (!names.includes(each)) throw new Error(`cannot make ${name}: it has no argument ${each}`);
  return names.map((each, index) => own[each] ?? byKind(row?.order[index]));
}

function byKind(arg: Arg | undefined): Word {
  switch (arg?.kind) {
    case 'fd':
      return arg.atFdcwd ? AT_FDCWD : 3;
    case 'number':
      return arg.octal ? 0o600 : 0;
    case 'string':
      return arg.path ? '@file' : 'rsc';
    case 'struct':
      return { zeros: structSize(arg.struct) };
    case 'bytes':
      return { zeros: SCRATCH };
    default:
      return 0;
  }
}

/** A constant of x86_64. */
export function of(name: Parameters<typeof constantIn>[1]): number {
  const value = constantIn('x86_64', name);
  if (value === undefined) throw new Error(`cannot find the constant ${name}`);
  return value;
}

/** The memory of the guest, as its calls fill it. */
class Image {
  private readonly bytes: number[] = [];
  private readonly places = new Map<object, number>();

  constructor(private readonly folder: string) {}

  argument(word: Word): string {
    if (typeof word === 'object' && 'resultOf' in word) return `r${word.resultOf}+${word.plus ?? 0}`;
    if (typeof word === 'object' && 'loadedFrom' in word) return `m${this.valueOf(word.loadedFrom)}`;
    return `${this.valueOf(word)}`;
  }

  hex(): string {
    return Buffer.from(this.bytes).toString('hex');
  }

  private valueOf(word: Word): number {
    if (typeof word === 'number') return word;
    if (typeof word === 'string')
      return this.place([...Buffer.from(`${word.replace(/^@/, `${this.folder}/`)}\0`)]);
    const known = this.places.get(word);
    if (known !== undefined) return known;
    const at = this.memoryOf(word);
    this.places.set(word, at);
    return at;
  }

  private memoryOf(word: Exclude<Word, number | string>): number {
    if ('bytes' in word) return this.place(word.bytes);
    if ('zeros' in word) return this.place(Array.from({ length: word.zeros }, () => 0));
    if ('ints' in word) return this.place([...new Uint8Array(Int32Array.from(word.ints).buffer)]);
    if ('longs' in word) {
      const values = BigInt64Array.from(word.longs.map((each) => BigInt(this.valueOf(each))));
      return this.place([...new Uint8Array(values.buffer)]);
    }
    throw new Error('cannot store what is known only when a call is made');
  }

  private place(bytes: readonly number[]): number {
    const at = this.bytes.length;
    this.bytes.push(...bytes);
    while (this.bytes.length % 16 !== 0) this.bytes.push(0);
    return BASE + at;
  }
}
