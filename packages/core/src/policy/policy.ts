/** Policies: which calls go where. Plain data, as rules.yaml has it; docs/policy.md is the grammar. */
import type { ErrnoName } from '../abi/errno.js';
import { presets, type PresetName } from './presets.js';

/** The machine of the tracee, or the server's. */
export type Side = 'local' | 'remote';

/** One rule: it decides for the calls that meet all of its conditions. */
export interface Rule {
  /** Sets and names as parseSyscallSet reads them; undefined: every call. */
  readonly syscalls?: string;
  /** Globs, one of which an absolute path of the call has to match. */
  readonly paths?: readonly string[];
  /** Globs, one of which the path of the program that calls has to match. */
  readonly program?: readonly string[];
  /** The side of a descriptor among the call's arguments. */
  readonly origin?: Side;
  readonly route: Side | 'deny';
  /** What a denied call answers. */
  readonly errno?: ErrnoName;
  /** Where the rule stands in its file; those of presets stand in none. */
  readonly line?: number;
}

/** The rules in order, of which the first one that matches decides; those of the preset stand behind. */
export interface Policy {
  readonly version: 1;
  readonly rules: readonly Rule[];
  readonly preset?: PresetName;
  /** Where a call goes that no rule matches. */
  readonly default: Side;
}

/** The policy that `--syscalls LIST` stands for. */
export function policyOfSet(list: string): Policy {
  return { version: 1, rules: [{ syscalls: list, route: 'remote' }], default: 'local' };
}

/** The policy that is a preset and nothing else. */
export function policyOfPreset(preset: PresetName): Policy {
  return { version: 1, rules: [], preset, default: 'local' };
}

/** The rules of a policy in the order in which they are tried. */
export function rulesOf(policy: Policy): readonly Rule[] {
  return policy.preset === undefined ? policy.rules : [...policy.rules, ...presets[policy.preset].rules];
}

/** What a rule is called in messages: `rule 2 (line 7)`, `rule 1 of preset dev`. `index` counts as rulesOf does. */
export function ruleName(policy: Policy, index: number): string {
  const own = policy.rules[index];
  if (own === undefined) return `rule ${index - policy.rules.length + 1} of preset ${policy.preset ?? ''}`;
  return own.line === undefined ? `rule ${index + 1}` : `rule ${index + 1} (line ${own.line})`;
}
