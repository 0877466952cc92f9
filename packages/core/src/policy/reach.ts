/** Which calls a rule can decide for, whatever their arguments are. */
import { rowsOf } from '../abi/lookup.js';
import { parseSyscallSet, undeniable, type Selection } from '../abi/sets.js';
import { syscallNames, table, type SyscallName } from '../abi/table.js';
import { takesDescriptor, takesPath } from '../abi/takes.js';
import type { Rule } from './policy.js';

const everything: Selection = { names: new Set(syscallNames), named: new Set() };

/** The calls that a rule names. Throws RSC_SYSCALL_UNKNOWN. */
export function chosenBy({ syscalls }: Rule): Selection {
  return syscalls === undefined ? everything : parseSyscallSet(syscalls);
}

/** Those of them that can meet its conditions. */
export function reachOf(rule: Rule): readonly SyscallName[] {
  return [...chosenBy(rule).names].filter((name) => canMeet(rule, name));
}

/** Whether a call is answered with an error where it would be remote, so that no path of it is looked at. */
export function isRefused(name: SyscallName): boolean {
  return rowsOf(table[name]).some(({ runs }) => runs.kind === 'refused');
}

function canMeet({ paths, origin, route }: Rule, name: SyscallName): boolean {
  if (paths !== undefined && !takesPath(name)) return false;
  if (origin !== undefined && !takesDescriptor(name)) return false;
  // What would be refused on the server is refused for all paths, as long as some are there.
  if (paths !== undefined && route === 'local' && isRefused(name)) return false;
  return route !== 'deny' || !undeniable.has(name);
}
