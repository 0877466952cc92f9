/** Loads the eBPF programs with what this kernel allows of them. */
import type { Arch } from '../abi/constants.js';
import { errnoName } from '../abi/errno.js';
import { trappedCalls } from '../abi/sets.js';
import type { SyscallName } from '../abi/table.js';
import { RscError } from '../errors.js';
import type { CompiledPolicy } from '../policy/compile.js';
import { GroupFlag } from './claim-layout.js';
import {
  claimable,
  claimPlan,
  functionsOf,
  isAudited,
  isBestClaimed,
  unvetoed,
  vetoes,
  type Veto,
} from './claim-plan.js';
import { linesOf } from './claim-lines.js';
import { ClaimsKept } from './claims-kept.js';
import type { ClaimMachine } from './claims.js';
import { isMachineError, type MachineError } from './kernel.js';
import type { Exec } from './local-paths.js';

/** Calls that are claimed from now on. */
export interface Claimed {
  /** Those that need not be caught otherwise. */
  readonly names: ReadonlySet<SyscallName>;
  readonly kept: ClaimsKept;
  /** Whose numbers of calls they are. */
  readonly arch: Arch;
  /**
   * Claims by another policy from now on: the calls that it may send, and all that were claimed before, for what is remote already.
   * Beside a filter, which catches all others, no calls are claimed that were not before. Returns the calls that cannot be claimed
   * without an effect here: then all stays as it was.
   */
  renew(policy: CompiledPolicy): readonly SyscallName[];
}

/** Claims nothing any more, and tells of what has gone past the tracer. */
export function endClaims({ kept, arch }: Claimed, warn: (line: string) => void): void {
  for (const line of linesOf(kept, arch)) warn(line);
  kept.close();
}

/** What is to be claimed. */
export interface Wanted {
  readonly arch: Arch;
  readonly policy: CompiledPolicy;
  readonly exec: Exec;
  /** Whether the processes end with their tracer (END_WITH_TRACER). */
  readonly endWithTracer: boolean;
}

/** The names in a message: more are only counted. */
const NAMED = 5;

/** Those that leave no race: with hooks alone a close has run before the tracer knows of it (decision 16). */
export const sureVetoes: readonly Veto[] = ['exact', 'none'];

/**
 * Claims all calls that the policy may send, with the strongest of the vetoes that this kernel allows. Throws RSC_ENGINE_UNAVAILABLE
 * where that keeps some of them from nothing.
 */
export function claimAll(machine: ClaimMachine, wanted: Wanted, allowed: readonly Veto[] = vetoes): Claimed {
  const names = claimable(wanted.policy);
  let refusal = 'its kernel is asked for more than it allows';
  for (const veto of allowed) {
    const left = unvetoed(names, veto);
    if (left.length > 0) throw effects(left, refusal);
    try {
      return load(machine, wanted, names, veto, claimable);
    } catch (error) {
      if (!isMachineError(error)) throw error;
      refusal = reason(error);
      if (veto === 'none') throw notLoaded('ebpf', error);
    }
  }
  throw new TypeError('there is no veto to try');
}

/** Claims the calls that have no effect here, and of which there are some that do not concern the server. */
export function claimBest(machine: ClaimMachine, wanted: Wanted): Claimed {
  const { selection, watched } = wanted.policy;
  const names = [...trappedCalls(selection, watched)].filter((name) => isBestClaimed(name, wanted.policy));
  try {
    return load(machine, wanted, names, 'none', () => []);
  } catch (error) {
    throw isMachineError(error) ? notLoaded('hybrid', error) : error;
  }
}

/**
 * Claims nothing, but counts the calls that surely concern the server and run here all the same. `stopsAlways`: by the engine
 * ptrace, where all calls look to the programs like those that the tracer has threads make. Throws RSC_ENGINE_UNAVAILABLE.
 */
export function auditAll(machine: ClaimMachine, wanted: Wanted, stopsAlways: boolean): Claimed {
  const flags = GroupFlag.audit | (stopsAlways ? GroupFlag.stopsAlways : 0);
  const { selection, watched } = wanted.policy;
  const names = [...trappedCalls(selection, watched)].filter((name) => isAudited(name, wanted.policy));
  try {
    return { ...load(machine, wanted, names, 'none', () => [], flags), names: new Set() };
  } catch (error) {
    if (!isMachineError(error)) throw error;
    throw new RscError('RSC_ENGINE_UNAVAILABLE', `cannot audit calls: ${reason(error)}`, 'run rsc as root', {
      cause: error,
    });
  }
}

function load(
  machine: ClaimMachine,
  wanted: Wanted,
  first: readonly SyscallName[],
  veto: Veto,
  /** What is claimed besides under another policy. */
  besides: (policy: CompiledPolicy) => readonly SyscallName[],
  flags: number = GroupFlag.claim,
): Claimed {
  const { arch, exec, endWithTracer } = wanted;
  const plan = claimPlan(arch, wanted.policy, exec, first, veto);
  const all = flags | (endWithTracer ? GroupFlag.endsWithTracer : 0);
  const kept = new ClaimsKept(machine, machine.openClaims(plan.refusedAt), all);
  kept.follow(plan);
  const names = new Set(first);
  const refused = new Set(plan.refusedAt);
  return {
    names,
    kept,
    arch,
    renew(policy) {
      const union = [...new Set([...names, ...besides(policy)])];
      const isRefused = (name: SyscallName) => functionsOf([name], veto).every((at) => refused.has(at));
      const missing = [...unvetoed(union, veto), ...union.filter((name) => !isRefused(name))];
      if (missing.length > 0) return missing;
      kept.follow(claimPlan(arch, policy, exec, union, veto));
      for (const name of union) names.add(name);
      return missing;
    },
  };
}

function effects(names: readonly SyscallName[], refusal: string): RscError {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} others` : '';
  return new RscError(
    'RSC_ENGINE_UNAVAILABLE',
    `cannot use the engine ebpf: claimed calls would have their effect here too (${names.slice(0, NAMED).join(', ')}${more}), as ${refusal}`,
    'choose fewer calls (--syscalls), or another engine: rsc doctor says which work',
  );
}

function notLoaded(engine: string, error: MachineError): RscError {
  return new RscError(
    'RSC_ENGINE_UNAVAILABLE',
    `cannot use the engine ${engine}: ${reason(error)}`,
    'see what is missing: rsc doctor',
    { cause: error },
  );
}

function reason({ step, errno }: MachineError): string {
  return `${step} returned ${errnoName(errno)}`;
}
