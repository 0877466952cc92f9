import { constant } from '../abi/constants.js';
import type { Arch } from '../abi/constants.js';
import { numbers, table, type SyscallName } from '../abi/table.js';
import { lastNumber } from '../abi/lookup.js';
import { mapCalls, trappedCalls, type Selection } from '../abi/sets.js';
import { buildFilter, type PassCondition } from './filter.js';

/**
 * The filter of the seccomp engine: it stops a tracee at the calls that may be remote, and, of the calls that map memory,
 * at those that map a file.
 */
export function filterFor(arch: Arch, selection: Selection): Buffer {
  const known: Readonly<Partial<Record<SyscallName, number>>> = numbers[arch];
  const trapped = new Map<number, PassCondition | undefined>();
  for (const name of trappedCalls(selection)) {
    const number = known[name];
    if (number !== undefined) trapped.set(number, passOf(name));
  }
  return buildFilter(arch, trapped, lastNumber(arch));
}

/**
 * The filter that is added to the first one when a tracee maps a remote file, shared: it stops at the calls that change or
 * synchronise maps. They are frequent where memory is allocated, so other tracees do not stop at them.
 */
export function mapFilterFor(arch: Arch): Buffer {
  const known: Readonly<Partial<Record<SyscallName, number>>> = numbers[arch];
  const trapped = new Map<number, undefined>();
  for (const name of mapCalls()) {
    const number = known[name];
    if (number !== undefined) trapped.set(number, undefined);
  }
  return buildFilter(arch, trapped, lastNumber(arch));
}

function passOf(name: SyscallName): PassCondition | undefined {
  const entry = table[name];
  if (entry.kind !== 'row' || entry.runs.kind !== 'mapping') return undefined;
  return { argument: entry.names.indexOf(entry.runs.flags), bits: constant('MAP_ANONYMOUS') };
}
