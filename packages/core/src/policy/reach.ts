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
export function reachOf(rule: Rule): ReadonlySet<SyscallName> {
  const { names } = chosenBy(rule);
  if (rule.paths === undefined && rule.origin === undefined && rule.route !== 'deny') return names;
  return new Set([...names].filter((name) => canMeet(rule, name)));
}

/**
 * Whether a call is of all paths at once: refused, as it would change what they mean, or for both sides, as it sets what
 * they have in common (umask(2)). A rule that sends some paths then speaks of it, whatever these are.
 */
export function isOfAllPaths(name: SyscallName): boolean {
  return rowsOf(table[name]).some(({ runs }) => runs.kind === 'refused' || runs.kind === 'both');
}

function canMeet({ paths, origin, route }: Rule, name: SyscallName): boolean {
  if (paths !== undefined) {
    if (isOfAllPaths(name) ? route === 'local' : !takesPath(name)) return false;
    if (route === 'deny' && !takesPath(name)) return false;
  }
  if (origin !== undefined && !takesDescriptor(name)) return false;
  return route !== 'deny' || !undeniable.has(name);
}
