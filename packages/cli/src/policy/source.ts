import { readFileSync } from 'node:fs';
import { RscError } from '@rsc/core/errors';
import { checkPolicy } from '@rsc/core/policy/check';
import { mistakeText } from '@rsc/core/policy/mistakes';
import { policyOfPreset, policyOfSet, type Policy } from '@rsc/core/policy/policy';
import { isPresetName, presets } from '@rsc/core/policy/presets';
import { activePath, readActive } from './active.js';

/** A policy and where it comes from. */
export interface NamedPolicy {
  /** A file as the user wrote it, `preset dev`, or what stands in for a policy. */
  readonly name: string;
  readonly policy: Policy;
  /** What it has, in few words. */
  readonly what: string;
  /** As a file has it. */
  readonly text: string;
}

/** What holds where no policy is active and none is given. */
export const fallback: NamedPolicy = {
  name: 'no policy is active',
  policy: policyOfSet('file'),
  what: 'rsc run sends the set file',
  text: '',
};

/**
 * The policy in a file, or the preset of that name: a file that is called as a preset is `./dev`. Throws
 * RSC_FILE_UNREADABLE, or RSC_POLICY_INVALID with all mistakes of the file.
 */
export function readPolicy(word: string): NamedPolicy {
  if (isPresetName(word)) {
    return {
      name: `preset ${word}`,
      policy: policyOfPreset(word),
      what: presets[word].what,
      text: `version: 1\npreset: ${word}\n`,
    };
  }
  const text = textOf(word);
  return { name: word, ...parse(word, text) };
}

/** The active policy; undefined where there is none. Throws as readPolicy does. */
export function readActivePolicy(): NamedPolicy | undefined {
  const text = readActive();
  return text === undefined ? undefined : parseActive(text);
}

/** The active policy, whose text has been read. Throws RSC_POLICY_INVALID. */
export function parseActive(text: string): NamedPolicy {
  const name = activePath() ?? '';
  return { name: `active policy ${name}`, ...parse(name, text, 'load another one, or: rsc policy unload') };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new RscError(
      'RSC_FILE_UNREADABLE',
      `cannot read a policy from ${file}: ${code}`,
      'name a file as docs/policy.md describes it, or a preset: file, net, all, dev',
      { cause },
    );
  }
}

function parse(file: string, text: string, suggestion?: string): Omit<NamedPolicy, 'name'> {
  const { policy, mistakes } = checkPolicy(text);
  if (policy !== undefined) return { policy, what: countOf(policy), text };
  const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`;
  throw new RscError(
    'RSC_POLICY_INVALID',
    [
      `cannot use ${file} as a policy: ${count}`,
      ...mistakes.map((mistake) => mistakeText(file, mistake)),
    ].join('\n'),
    suggestion,
  );
}

/** `2 rules`, `1 rule and preset dev`. */
function countOf({ rules, preset }: Policy): string {
  const count = `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`;
  return preset === undefined ? count : `${count} and preset ${preset}`;
}
