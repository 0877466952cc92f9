import { constant } from '../abi/constants.js';
import type { Arch } from '../abi/constants.js';
import { lastNumber, rowOf } from '../abi/lookup.js';
import { mapCalls, trappedCalls } from '../abi/sets.js';
import { numbers, table, type SyscallName } from '../abi/table.js';
import type { CompiledPolicy } from '../policy/compile.js';
import type { Engine } from './choice.js';
import type { Claimed } from './claiming.js';
import { buildFilter, type Trap, type Traps } from './filter.js';
import { joined } from './traps.js';

/** How a program's calls are caught. */
export interface Catch {
  readonly engine: Engine;
  readonly traps: Traps;
  /** The seccomp filter (buildFilter); empty where every call stops. */
  readonly filter: Buffer;
  /** What eBPF programs claim, where they do. */
  readonly claimed: Claimed | undefined;
  /** The calls that notices tell of, by number; none: there is no listener. */
  readonly told: ReadonlySet<number>;
  /** By number, a bit for each argument of a told call that is a string. */
  readonly strings: Uint8Array;
}

/**
 * Catches the calls for which one of the policies has to be asked and, of those that map memory, the ones that map a file; but for
 * those that are claimed. `usual`: how a filter catches most of them.
 */
export function catchOf(
  arch: Arch,
  policies: readonly CompiledPolicy[],
  engine: Engine,
  usual: Trap['by'],
  claimed?: Claimed,
): Catch {
  const traps = policies.map((policy) => trapsOf(arch, policy, usual, claimed)).reduce(joined);
  const told = [...traps.caught].filter(([, { by }]) => by === 'notify').map(([number]) => number);
  const filter = engine === 'ptrace' || engine === 'ebpf' ? Buffer.alloc(0) : buildFilter(arch, traps);
  return { engine, traps, filter, claimed, told: new Set(told), strings: stringsOf(arch, told) };
}

function trapsOf(arch: Arch, policy: CompiledPolicy, usual: Trap['by'], claimed: Claimed | undefined): Traps {
  const known: Readonly<Partial<Record<SyscallName, number>>> = numbers[arch];
  const caught = new Map<number, Trap>();
  for (const name of trappedCalls(policy.selection, policy.watched)) {
    const number = known[name];
    if (number === undefined || claimed?.names.has(name)) continue;
    const unless = policy.denied.has(name) ? undefined : passOf(name);
    caught.set(number, { by: stopsAlways(name) ? 'stop' : usual, unless });
  }
  return { caught, others: usual, lastKnown: lastNumber(arch) };
}

function stringsOf(arch: Arch, told: readonly number[]): Uint8Array {
  const masks = new Uint8Array(lastNumber(arch) + 1);
  for (const number of told) {
    const entry = rowOf(arch, number);
    if (entry?.kind !== 'row') continue;
    masks[number] = entry.order.reduce(
      (mask, { kind }, index) => mask | (Number(kind === 'string') << index),
      0,
    );
  }
  return masks;
}

/** Whether the tracee's own thread always carries out a part of the call, which it can do from a stop. */
function stopsAlways(name: SyscallName): boolean {
  const entry = table[name];
  if (entry.kind !== 'row') return false;
  return (
    entry.success.kind === 'copyOf' ||
    entry.facts.some(({ kind }) => kind === 'executes' || kind === 'paired')
  );
}

function passOf(name: SyscallName): Trap['unless'] {
  const entry = table[name];
  if (entry.kind !== 'row' || entry.runs.kind !== 'mapping') return undefined;
  return { argument: entry.names.indexOf(entry.runs.flags), bits: constant('MAP_ANONYMOUS') };
}

/**
 * The filter that is added to the first one when a tracee maps a remote file, shared: it stops at the calls that change or
 * synchronise maps. They are frequent where memory is allocated, so other tracees do not stop at them.
 */
export function mapFilterFor(arch: Arch): Buffer {
  return buildFilter(arch, mapTraps(arch));
}

/** The calls that change or synchronise maps. */
export function mapTraps(arch: Arch): Traps {
  const known: Readonly<Partial<Record<SyscallName, number>>> = numbers[arch];
  const caught = new Map<number, Trap>();
  for (const name of mapCalls()) {
    const number = known[name];
    if (number !== undefined) caught.set(number, { by: 'stop', unless: undefined });
  }
  return { caught, others: 'stop', lastKnown: lastNumber(arch) };
}
