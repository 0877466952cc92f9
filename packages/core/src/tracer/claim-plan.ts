/** What the eBPF programs are told: which calls to claim (bpf/claims.h), derived from the rows and the policy. */
import {
  claimOf,
  effectOf,
  entryPointOf,
  overwrittenBy,
  type Claim,
  type Overwritten,
} from '../abi/claimed.js';
import type { Arch } from '../abi/constants.js';
import { rowsOf } from '../abi/lookup.js';
import { mapCalls, trappedCalls } from '../abi/sets.js';
import { numbers, table, type SyscallName } from '../abi/table.js';
import type { Fact } from '../abi/vocabulary.js';
import type { CompiledPolicy } from '../policy/compile.js';
import { prefixesOf, type PrefixSide } from '../policy/prefixes.js';
import { NO_ARGUMENT, Rule, RULE_BYTES, RULE_COUNT, RuleFlag, RuleKind } from './claim-layout.js';
import type { Exec } from './local-paths.js';

/**
 * How claimed calls are kept from their effect here: `exact`, the kernel lets a program skip the calls themselves; `wide`, it lets
 * one refuse them at its security hooks; `none`.
 */
export const vetoes = ['exact', 'wide', 'none'] as const;
export type Veto = (typeof vetoes)[number];

/** The rules of a policy for the eBPF programs. */
export interface ClaimPlan {
  /** RULE_COUNT rules of RULE_BYTES, by number. */
  readonly rules: Uint8Array;
  /** prefixesOf the policy. */
  readonly prefixes: ReadonlyMap<string, PrefixSide>;
  /** The functions of the kernel at which claimed calls are refused. */
  readonly refusedAt: readonly string[];
}

/** The calls that have to be caught for a policy where no filters are added later. */
export function claimable(policy: CompiledPolicy): readonly SyscallName[] {
  return [...new Set([...trappedCalls(policy.selection, policy.watched), ...mapCalls()])];
}

/** Those of `names` whose effect here the veto does not keep them from. */
export function unvetoed(names: readonly SyscallName[], veto: Veto): readonly SyscallName[] {
  return names.filter((name) => {
    const effect = effectOf(table[name]);
    if (effect.kind !== 'done') return false;
    return veto === 'none' || (effect.hooks.length === 0 && !isRefusable(name, veto));
  });
}

/** Whether a claim of the call needs nothing else, and depends on more than its number. */
export function isBestClaimed(name: SyscallName, policy: CompiledPolicy): boolean {
  const { kind } = claimUnder(policy, name);
  return effectOf(table[name]).kind === 'harmless' && kind !== 'always' && kind !== 'never';
}

/** Whether the call is never the tracee's kernel's where it surely concerns the server, but for what the tracer has a thread make. */
export function isAudited(name: SyscallName, policy: CompiledPolicy): boolean {
  return claimUnder(policy, name).kind === 'ifArguments' && effectOf(table[name]).kind !== 'wanted';
}

/** Has the calls `names` claimed, as far as they concern the server. */
export function claimPlan(
  arch: Arch,
  policy: CompiledPolicy,
  exec: Exec,
  names: readonly SyscallName[],
  veto: Veto,
): ClaimPlan {
  const known: Readonly<Partial<Record<SyscallName, number>>> = numbers[arch];
  const rules = new Uint8Array(RULE_COUNT * RULE_BYTES);
  const byPath: SyscallName[] = [];
  for (const name of names) {
    const number = known[name];
    if (number === undefined) continue;
    const claim = claimUnder(policy, name);
    if (claim.kind === 'ifArguments' && claim.paths.length > 0) byPath.push(name);
    const rule = new DataView(rules.buffer, number * RULE_BYTES, RULE_BYTES);
    writeRule(rule, claim, flagsOf(name, veto));
    writeOverwritten(rule, overwrittenBy(table[name]));
  }
  return { rules, prefixes: prefixesOf(policy, byPath, exec), refusedAt: functionsOf(names, veto) };
}

/** A call that may be denied is denied by what the tracer knows of it. */
function claimUnder(policy: CompiledPolicy, name: SyscallName): Claim {
  return policy.denied.has(name) ? { kind: 'always' } : claimOf(table[name]);
}

/** Whether the call itself can be refused: the types of a kernel (BTF) have no functions of calls without arguments. */
function isRefusable(name: SyscallName, veto: Veto): boolean {
  return veto === 'exact' && rowsOf(table[name]).some(({ names }) => names.length > 0);
}

/** The functions of the kernel at which they are refused. */
export function functionsOf(names: readonly SyscallName[], veto: Veto): readonly string[] {
  if (veto === 'none') return [];
  const hooks = names.flatMap((name) => {
    const effect = effectOf(table[name]);
    return effect.kind === 'done' ? effect.hooks : [];
  });
  const functions = [...new Set(hooks)].map((hook) => `security_${hook}`);
  if (veto === 'wide') return functions;
  // The hooks as well: what keeps a program from running in one place seldom does so in the next.
  const refused = names.filter(
    (name) => effectOf(table[name]).kind !== 'harmless' && isRefusable(name, veto),
  );
  return [...refused.map(entryPointOf), ...functions];
}

function flagsOf(name: SyscallName, veto: Veto): number {
  const { kind } = effectOf(table[name]);
  const isKept = kind === 'harmless' || (kind === 'wanted' && !isRefusable(name, veto));
  const has = (kind: Fact['kind']) =>
    rowsOf(table[name]).some(({ facts }) => facts.some((fact) => fact.kind === kind));
  const saves = isKept && overwrittenBy(table[name]) !== undefined;
  return (
    (isKept ? RuleFlag.isWanted : 0) |
    (saves ? RuleFlag.savesSets : 0) |
    (has('masksSignals') ? RuleFlag.changesMask : 0) |
    (isKept && has('closes') ? RuleFlag.freesDescriptor : 0) |
    RuleFlag.emptyIsDescriptor
  );
}

function writeRule(rule: DataView, claim: Claim, flags: number): void {
  rule.setUint8(Rule.kind, kinds[claim.kind]);
  rule.setUint8(Rule.flags, flags);
  for (const place of [0, 1]) {
    const { descriptors = [], paths = [] } = claim.kind === 'ifArguments' ? claim : {};
    rule.setUint8(Rule.descriptors + place, descriptors[place] ?? NO_ARGUMENT);
    rule.setUint8(Rule.directories + place, paths[place]?.directory ?? NO_ARGUMENT);
    rule.setUint8(Rule.paths + place, paths[place]?.path ?? NO_ARGUMENT);
  }
  const unless = claim.kind === 'ifArguments' ? claim.unless : undefined;
  rule.setUint8(Rule.unlessArgument, unless?.argument ?? NO_ARGUMENT);
  rule.setBigUint64(Rule.unlessBits, BigInt(unless?.bits ?? 0), true);
}

function writeOverwritten(rule: DataView, overwritten: Overwritten | undefined): void {
  if (overwritten === undefined) return;
  rule.setUint8(Rule.count, overwritten.count);
  overwritten.sets.forEach((set, index) => {
    rule.setUint8(Rule.sets + index, set);
  });
  rule.setUint8(Rule.time, overwritten.time);
}

const kinds: Readonly<Record<Claim['kind'], number>> = {
  never: RuleKind.never,
  always: RuleKind.always,
  ifArguments: RuleKind.ifArguments,
  ifAnyRemote: RuleKind.ifAnyRemote,
};
