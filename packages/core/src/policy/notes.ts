import { describeCall } from '../abi/describe.js';
import { isSyscallName, rowsOf } from '../abi/lookup.js';
import { isSetName, membersOfSet, setNames, type SetName } from '../abi/sets.js';
import { table, type SyscallName } from '../abi/table.js';
import type { Row } from '../abi/vocabulary.js';
import { CompiledPolicy } from './compile.js';
import { choice } from './mistakes.js';
import { ruleName, rulesOf, type Policy, type Rule } from './policy.js';

/** What a policy asks for that rsc does not do: a line each, for the user. */
export function notesOn(policy: Policy): readonly string[] {
  return rulesOf(policy).flatMap((rule, index) =>
    notesOnRule(rule).map((note) => `${ruleName(policy, index)}: ${note}`),
  );
}

/** Whether some call can go to the server by the policy. Others only follow descriptors, of which there are then none. */
export function sendsSomething(policy: Policy): boolean {
  const { names, named } = new CompiledPolicy(policy).selection;
  return [...names].some((name) => isSent(name, named.has(name)));
}

function notesOnRule({ route, syscalls = '' }: Rule): readonly string[] {
  if (route !== 'remote') return [];
  const words = syscalls.split(',').map((word) => word.trim());
  return words.flatMap((word) => {
    if (isSetName(word)) return noteOnSets(word === 'all' ? setNames : [word]);
    return isSyscallName(word) ? noteOnCall(word) : [];
  });
}

function noteOnSets(sets: readonly SetName[]): string[] {
  const kept = sets.filter((set) => ![...membersOfSet(set)].some((name) => isSent(name, false)));
  if (kept.length === 0) return [];
  return [`no call of ${choice(kept)} is sent to the server: they run here, or where their descriptor is`];
}

function noteOnCall(name: SyscallName): string[] {
  const { support, caveats } = describeCall(name);
  if (support === 'refused') return [`${name} is not run where it would be remote: ${caveats.join('; ')}`];
  return support === 'local' ? [`${name} is never sent to the server: it runs here`] : [];
}

/** Whether a call can go to the server by itself. */
function isSent(name: SyscallName, isNamed: boolean): boolean {
  return rowsOf(table[name]).some((row) => leads(row, isNamed));
}

function leads({ runs, facts }: Row, isNamed: boolean): boolean {
  if (facts.some(({ kind }) => kind === 'remoteUnsupported')) return false;
  if (runs.kind === 'namedOnly') return isNamed;
  return runs.kind === 'pathOf' || runs.kind === 'pathsOf' || runs.kind === 'remote' || runs.kind === 'both';
}
