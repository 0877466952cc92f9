import { policyOfPreset, policyOfSet, type Policy } from '@rsc/core/policy/policy';
import { isPresetName } from '@rsc/core/policy/presets';
import { readActive } from './active.js';

/** What a user says of where calls go: one of the two, or neither. */
export interface Choice {
  readonly syscalls?: string | undefined;
  readonly policy?: string | undefined;
}

/** The policy of a run: the set or the policy that was given, or the active policy, or the set `file`. Rejects with RscError. */
export async function choosePolicy({ syscalls, policy: word }: Choice): Promise<Policy> {
  if (syscalls !== undefined) return policyOfSet(syscalls);
  const active = word === undefined ? readActive() : undefined;
  if (word === undefined && active === undefined) return policyOfSet('file');
  const policy = await read(word, active ?? '');
  const { sendsSomething } = await import('@rsc/core/policy/notes');
  if (!sendsSomething(policy) && !policy.rules.some(({ route }) => route === 'deny')) {
    process.stderr.write('rsc: warning: by this policy no call goes to the server: rsc policy show\n');
  }
  return policy;
}

async function read(word: string | undefined, active: string): Promise<Policy> {
  if (word !== undefined && isPresetName(word)) return policyOfPreset(word);
  // Loaded when it is needed: the parser takes longer than a short program.
  const { parseActive, readPolicy } = await import('./source.js');
  return (word === undefined ? parseActive(active) : readPolicy(word)).policy;
}
