import { constantIn, type Arch, type ConstantName } from './constants.js';
import { numbers, syscallNames, table, type SyscallName } from './table.js';
import type { Entry, Row, Variants } from './vocabulary.js';

/** A call's name with the row that describes it: that of its command, where it has several. */
export interface Described {
  readonly name: SyscallName;
  readonly row: Row;
  /** The command's constant, of a call that has rows by command. */
  readonly variant?: ConstantName;
}

interface Variant {
  readonly command: ConstantName;
  readonly row: Row;
}

const names = { x86_64: namesOf('x86_64'), aarch64: namesOf('aarch64') };
const variants = new WeakMap<Variants, Partial<Record<Arch, ReadonlyMap<number, Variant>>>>();

/** The number of a system call. Throws a TypeError where the architecture has none of that name. */
export function numberOf(arch: Arch, name: string): number {
  const known: Readonly<Record<string, number>> = numbers[arch];
  const number = Object.hasOwn(known, name) ? known[name] : undefined;
  if (number === undefined) throw new TypeError(`${arch} has no system call ${name}`);
  return number;
}

/** Whether the architecture has a system call of that name. */
export function hasCall(arch: Arch, name: string): name is SyscallName {
  return Object.hasOwn(numbers[arch], name);
}

/** The name of a system call, undefined for a number that no known kernel has. */
export function nameOf(arch: Arch, number: number): SyscallName | undefined {
  return names[arch].get(number);
}

/** The highest number that has a name. */
export function lastNumber(arch: Arch): number {
  return Math.max(...names[arch].keys());
}

/** What the table has for a number. */
export function rowOf(arch: Arch, number: number): Entry | undefined {
  const name = nameOf(arch, number);
  return name === undefined ? undefined : table[name];
}

/** What the table has for a name; undefined for a name that no known kernel has. */
export function entryOf(name: string): Entry | undefined {
  return isSyscallName(name) ? table[name] : undefined;
}

/** Whether some known kernel has a system call of that name. */
export function isSyscallName(name: string): name is SyscallName {
  return Object.hasOwn(table, name);
}

/**
 * The name and row of a call by its number; undefined for an unknown one. `argument` gives an argument register by its
 * index: it is asked for the command of a call that has rows by command.
 */
export function rowFor(
  arch: Arch,
  number: number,
  argument: (index: number) => bigint,
): Described | undefined {
  const name = nameOf(arch, number);
  if (name === undefined) return undefined;
  const entry = table[name];
  if (entry.kind === 'row') return { name, row: entry };
  // Commands are ints: the kernel does not look at the upper half of the register.
  const variant = variantOf(entry, Number(BigInt.asUintN(32, argument(entry.by))), arch);
  return variant === undefined
    ? { name, row: entry.otherwise }
    : { name, row: variant.row, variant: variant.command };
}

/** The command with the (unsigned) value, undefined for one that has no row of its own. */
export function variantOf(entry: Variants, command: number, arch: Arch = 'x86_64'): Variant | undefined {
  let known = variants.get(entry);
  if (known === undefined) variants.set(entry, (known = {}));
  return (known[arch] ??= byValue(entry, arch)).get(command);
}

/** All rows of an entry. */
export function rowsOf(entry: Entry): readonly Row[] {
  return entry.kind === 'row' ? [entry] : [...Object.values(entry.rows), entry.otherwise];
}

/** The known name that is nearest to a word, where one is near enough to be meant by it. */
export function nearestName(word: string, among: readonly string[] = syscallNames): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const name of among) {
    // Of two that are equally near, the one with the same beginning was meant.
    const distance = editDistance(word, name) + (name[0] === word[0] ? 0 : 0.5);
    if (distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

function namesOf(arch: Arch): ReadonlyMap<number, SyscallName> {
  const entries = Object.entries(numbers[arch]) as [SyscallName, number][];
  return new Map(entries.map(([name, number]) => [number, name]));
}

function byValue(entry: Variants, arch: Arch): ReadonlyMap<number, Variant> {
  const rows = Object.entries(entry.rows) as [ConstantName, Row][];
  return new Map(
    rows.flatMap(([command, row]): [number, Variant][] => {
      const value = constantIn(arch, command);
      return value === undefined ? [] : [[value, { command, row }]];
    }),
  );
}

/** Levenshtein's distance, in one row of the matrix. */
function editDistance(from: string, to: string): number {
  const row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line++) {
    let diagonal = row[0] ?? 0;
    row[0] = line;
    for (let column = 1; column <= to.length; column++) {
      const above = row[column] ?? 0;
      const replaced = diagonal + (from[line - 1] === to[column - 1] ? 0 : 1);
      row[column] = Math.min(replaced, above + 1, (row[column - 1] ?? 0) + 1);
      diagonal = above;
    }
  }
  return row[to.length] ?? 0;
}
