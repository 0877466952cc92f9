/** What a call takes that decides where it goes: the paths and the descriptors among its arguments. */
import { rowsOf } from './lookup.js';
import { table, type SyscallName } from './table.js';
import type { PathAt, Row } from './vocabulary.js';

const paths = new WeakMap<Row, readonly PathAt[]>();
const descriptors = new WeakMap<Row, readonly string[]>();

/** The paths of a call in register order. One that follows a directory's descriptor is relative to that. */
export function pathsIn(row: Row): readonly PathAt[] {
  let known = paths.get(row);
  if (known === undefined) paths.set(row, (known = row.names.flatMap((_, index) => pathAt(row, index))));
  return known;
}

/** The names of the arguments that are descriptors. */
export function descriptorsIn(row: Row): readonly string[] {
  let known = descriptors.get(row);
  if (known === undefined) {
    known = row.names.filter((_, index) => row.order[index]?.kind === 'fd');
    descriptors.set(row, known);
  }
  return known;
}

/** Whether a call of that name takes a path. */
export function takesPath(name: SyscallName): boolean {
  return rowsOf(table[name]).some((row) => pathsIn(row).length > 0);
}

/** Whether a call of that name takes a descriptor as an argument. */
export function takesDescriptor(name: SyscallName): boolean {
  return rowsOf(table[name]).some((row) => descriptorsIn(row).length > 0);
}

function pathAt({ names, order }: Row, index: number): PathAt[] {
  const [arg, before] = [order[index], order[index - 1]];
  const name = names[index];
  if (name === undefined || arg?.kind !== 'string' || !arg.path) return [];
  return [[before?.kind === 'fd' && before.atFdcwd ? names[index - 1] : undefined, name]];
}
