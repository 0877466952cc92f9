import { changesBetween } from '@rsc/core/policy/changes';
import type { Policy } from '@rsc/core/policy/policy';
import { RscError } from '@rsc/core/errors';
import { activePath, removeActive, writeActive } from './active.js';
import { noteLines } from './showing.js';
import { fallback, readActivePolicy, type NamedPolicy } from './source.js';

/** What stands in front of a line of a policy. */
export const marks = { same: ' ', added: '+', removed: '-' } as const;

/** Makes a policy the active one; returns what is to be said of that. Throws as writeActive does. */
export function loading({ name, policy, what, text }: NamedPolicy): string {
  const former = formerPolicy();
  const path = writeActive(text);
  const head = `${name}: active for new sessions, ${what}; kept in ${path}\n`;
  return `${head}${changes(former ?? fallback.policy, policy)}${noteLines(policy)}`;
}

/** Forgets the active policy; returns what `rsc policy unload` prints. Throws as removeActive does. */
export function unloading(): string {
  const path = activePath() ?? '';
  const former = formerPolicy();
  removeActive();
  if (former === undefined) return 'no policy was active: rsc run sends the set file\n';
  return `${path}: no longer active, rsc run sends the set file again\n${changes(former, fallback.policy)}`;
}

/** The policy that is active now. One that cannot be read any more is no reason to keep it. */
function formerPolicy(): Policy | undefined {
  try {
    return readActivePolicy()?.policy;
  } catch (error) {
    if (!(error instanceof RscError)) throw error;
    process.stderr.write(`rsc: warning: ${error.message}\n`);
    return fallback.policy;
  }
}

function changes(former: Policy, policy: Policy): string {
  return changesBetween(former, policy)
    .map(({ kind, text }) => `${marks[kind]} ${text}\n`)
    .join('');
}
