/** How the calls of a session are caught once it has another policy. */
import type { Arch } from '../abi/constants.js';
import { nameOf, numberOf } from '../abi/lookup.js';
import type { CompiledPolicy } from '../policy/compile.js';
import type { CallStops } from './call-stops.js';
import { claimable } from './claim-plan.js';
import type { Claimed } from './claiming.js';
import { catchOf, mapTraps, type Catch } from './engine.js';
import type { Traps } from './filter.js';
import { SyscallStops } from './syscall-stops.js';
import { covers, joined } from './traps.js';

/** What an engine makes of a new policy: either it catches all that the policy asks for, or nothing has changed. */
export type Recaught =
  | {
      readonly kind: 'caught';
      /** The calls that are caught from now on, though they were not, by number. */
      readonly fresh: ReadonlySet<number>;
      /** The calls that are caught still, though the policy does not ask for it: for what is remote, or for ever. */
      readonly idle: readonly string[];
    }
  /** The calls that cannot be caught any more. */
  | { readonly kind: 'missing'; readonly names: readonly string[] };

/** An engine's part in that a policy changes under its tracees: it catches calls by another policy from now on. */
export type Recatch = (policy: CompiledPolicy) => Recaught;

/** The part of the engine by which calls are caught. */
export function recatchBy(arch: Arch, stops: CallStops, first: Catch): Recatch {
  const { engine, claimed } = first;
  if (engine === 'ptrace') return recatchStops(arch, stops, first);
  return engine === 'ebpf' && claimed ? recatchClaims(arch, claimed) : recatchByFilter(arch, first);
}

/** Where every call stops (ptrace), other stops are looked at. What may have become remote stays caught. */
function recatchStops(arch: Arch, stops: CallStops, first: Catch): Recatch {
  let traps = first.traps;
  return (policy) => {
    const wanted = catchOf(arch, [policy], 'ptrace', 'stop').traps;
    const fresh = [...wanted.caught.keys()].filter((number) => !traps.caught.has(number));
    traps = joined(traps, wanted);
    stops.every = new SyscallStops(traps, mapTraps(arch));
    return { kind: 'caught', fresh: new Set(fresh), idle: idleIn(arch, traps, wanted) };
  };
}

/** The eBPF programs read other rules. What may have become remote stays claimed. */
function recatchClaims(arch: Arch, claimed: Claimed): Recatch {
  return (policy) => {
    const before = new Set(claimed.names);
    const missing = claimed.renew(policy);
    if (missing.length > 0) return { kind: 'missing', names: missing };
    const wanted = new Set(claimable(policy));
    const fresh = [...claimed.names].filter((name) => !before.has(name));
    return {
      kind: 'caught',
      fresh: new Set(fresh.map((name) => numberOf(arch, name))),
      idle: [...claimed.names].filter((name) => !wanted.has(name)),
    };
  };
}

/** A filter stays as it is: no thread can be given another one from outside, and none can take one away (seccomp(2)). */
export function recatchByFilter(arch: Arch, { engine, traps, claimed }: Catch): Recatch {
  return (policy) => {
    const wanted = catchOf(arch, [policy], engine, traps.others, claimed).traps;
    const missing = [...wanted.caught].filter(([number, trap]) => !covers(traps.caught.get(number), trap));
    if (missing.length > 0)
      return { kind: 'missing', names: missing.map(([number]) => nameOf(arch, number) ?? `call ${number}`) };
    claimed?.renew(policy);
    return { kind: 'caught', fresh: new Set(), idle: idleIn(arch, traps, wanted) };
  };
}

function idleIn(arch: Arch, { caught }: Traps, wanted: Traps): string[] {
  return [...caught.keys()]
    .filter((number) => !wanted.caught.has(number))
    .map((number) => nameOf(arch, number) ?? `call ${number}`);
}
