import { constant } from '../abi/constants.js';
import { numbers } from '../abi/numbers.generated.js';
import { entryOf } from '../abi/lookup.js';
import { trappedCalls, type Selection } from '../abi/sets.js';
import { buildFilter, type PassCondition } from './filter.js';

/**
 * The filter of the seccomp engine: it stops a tracee at the calls that may be remote, and, of the calls that map memory,
 * at those that map a file.
 */
export function filterFor(arch: 'x86_64' | 'aarch64', selection: Selection): Buffer {
  const known: Readonly<Record<string, number>> = numbers[arch];
  const trapped = new Map<number, PassCondition | undefined>();
  for (const name of trappedCalls(selection)) {
    const number = known[name];
    if (number !== undefined) trapped.set(number, passOf(name));
  }
  return buildFilter(arch, trapped, Math.max(...Object.values(known)));
}

function passOf(name: string): PassCondition | undefined {
  const entry = entryOf(name);
  if (entry?.kind !== 'row' || entry.runs.kind !== 'mapping') return undefined;
  return { argument: entry.names.indexOf(entry.runs.flags), bits: constant('MAP_ANONYMOUS') };
}
