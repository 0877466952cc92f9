import { constant } from '../abi/constants.js';
import type { Arch } from '../abi/constants.js';
import { numbers, table, type SyscallName } from '../abi/table.js';
import { lastNumber } from '../abi/lookup.js';
import { trappedCalls } from '../abi/sets.js';
import type { CompiledPolicy } from '../policy/compile.js';
import { buildFilter, type PassCondition } from './filter.js';

/**
 * The filter of the seccomp engine: it stops a tracee at the calls for which the policy has to be asked, and, of the calls
 * that map memory, at those that map a file.
 */
export function filterFor(arch: Arch, policy: CompiledPolicy): Buffer {
  const known: Readonly<Partial<Record<SyscallName, number>>> = numbers[arch];
  const trapped = new Map<number, PassCondition | undefined>();
  for (const name of trappedCalls(policy.selection, policy.watched)) {
    const number = known[name];
    if (number !== undefined) trapped.set(number, policy.denied.has(name) ? undefined : passOf(name));
  }
  return buildFilter(arch, trapped, lastNumber(arch));
}

function passOf(name: SyscallName): PassCondition | undefined {
  const entry = table[name];
  if (entry.kind !== 'row' || entry.runs.kind !== 'mapping') return undefined;
  return { argument: entry.names.indexOf(entry.runs.flags), bits: constant('MAP_ANONYMOUS') };
}
