/** What the eBPF programs read as they run, kept as the tracer's state says. */
import type { Arch } from '../abi/constants.js';
import { nameOf } from '../abi/lookup.js';
import { RscError } from '../errors.js';
import { ClaimGroups } from './claim-groups.js';
import {
  Counter,
  countOf,
  DESCRIPTOR_COUNT,
  EVENT_WORDS,
  EventKind,
  GENERATIONS,
  GroupFlag,
  Rule,
  RULE_BYTES,
  RULE_COUNT,
  RuleFlag,
  RuleKind,
  SAVED_BYTES,
  Side,
  Slot,
  SLOT_COUNT,
  SLOT_WORDS,
} from './claim-layout.js';
import { ClaimMarks } from './claim-marks.js';
import type { ClaimPlan } from './claim-plan.js';
import type { ClaimMachine, ClaimMemory } from './claims.js';
import type { DescriptorTable, Marks } from './descriptors.js';
import type { TraceeProcess } from './process.js';

/** What has been counted since the programs were loaded. */
export interface Tally {
  /** Calls that were claimed. */
  readonly claimed: number;
  /** Claims that the tracer has met at a stop. */
  readonly met: number;
  /** Calls of the tracees that were not. */
  readonly passed: number;
  /** Calls that concern the server and have run here. */
  readonly escapes: number;
  /** Claims whose threads have not stopped. */
  readonly lost: number;
  /** Escapes and losses of which it is not known whose they are. */
  readonly dropped: number;
  /** Calls of any process, those of the tracees among them, that the kernel has not shown to the programs. */
  readonly unseen: number;
}

/** Such a call. */
export interface Incident {
  readonly thread: number;
  readonly number: number;
  readonly isLost: boolean;
}

/** What a call has been about to write over, as it was, and where that is. */
export interface Overwritten {
  /** The rule of the call (Rule). */
  readonly rule: Uint8Array;
  /** In the layout of Saved; undefined where it was not in memory. */
  readonly saved: Buffer | undefined;
}

/** So many incidents are read at once. */
const EVENTS = 64;
/** Stands for a slot where there is none left: all descriptors are taken for remote. */
const NO_SLOT = SLOT_COUNT;
const NO_RULE = new Uint8Array(RULE_BYTES);
const ALL_BITS = 0xffff_ffff;
const HALVES = SLOT_WORDS * 2;

/** The rules, the processes and their descriptors, as the eBPF programs see them. */
export class ClaimsKept {
  private readonly rules: Uint8Array;
  private readonly active: Uint32Array;
  private readonly groups: ClaimGroups;
  private readonly marks: ClaimMarks;
  private readonly slots: Uint32Array;
  private readonly counters: BigUint64Array;
  private readonly events = new Int32Array(EVENTS * EVENT_WORDS);
  private readonly slotOf = new Map<DescriptorTable, number>();
  /** The tables of the processes that are traced. */
  private readonly tables = new Map<TraceeProcess, DescriptorTable>();
  /** Those of processes that map remote files, shared: what changes their maps has to be claimed. */
  private readonly mapping = new Set<DescriptorTable>();
  private readonly freed: number[] = [];
  /** Paths that are the tracer's business, whatever the plan says of the directories that they are in. */
  private readonly doubted = new Set<string>();
  private nextSlot = 0;
  private met = 0;

  constructor(
    private readonly machine: ClaimMachine,
    memory: ClaimMemory,
    /** GroupFlag of all processes. */
    private readonly flags: number,
  ) {
    this.rules = new Uint8Array(memory.rules);
    this.active = new Uint32Array(memory.active);
    this.groups = new ClaimGroups(memory.groups);
    this.marks = new ClaimMarks(memory.marks);
    this.slots = new Uint32Array(memory.slots);
    this.counters = new BigUint64Array(memory.counters);
  }

  /** From now on calls are claimed as the plan says; each follows the former one or this one, whole. */
  follow({ rules, prefixes }: ClaimPlan): void {
    const generation = ((this.active[0] ?? 0) + 1) % GENERATIONS;
    this.rules.set(rules, generation * RULE_COUNT * RULE_BYTES);
    this.machine.dropPrefixes(generation);
    for (const [prefix, side] of prefixes) this.place(generation, prefix, Side[side]);
    for (const path of this.doubted) this.place(generation, path, Side.unsure);
    Atomics.store(this.active, 0, generation);
  }

  /** A path is the tracer's business from now on, whatever is said of the directory that it is in. */
  doubt(path: string): void {
    if (path === '' || this.doubted.has(path)) return;
    this.doubted.add(path);
    this.place(this.active[0] ?? 0, path, Side.unsure);
  }

  /** Of a prefix that is too long its parent is unsure, and all that is in that. */
  private place(generation: number, prefix: string, side: number): void {
    const isSet = this.machine.setPrefix(generation, Buffer.from(prefix, 'latin1'), side) === 0;
    if (!isSet && prefix !== '')
      this.place(generation, prefix.slice(0, prefix.lastIndexOf('/')), Side.unsure);
  }

  /** A process is traced from now on, or has another table than before. It does not run meanwhile. */
  join(process: TraceeProcess): void {
    const former = this.tables.get(process);
    const { descriptors } = process;
    this.tables.set(process, descriptors);
    if (!this.slotOf.has(descriptors)) this.giveSlot(descriptors);
    if (!this.groups.set(process.pid, this.slotOf.get(descriptors) ?? NO_SLOT, this.flags))
      throw new RscError(
        'RSC_ENGINE_UNAVAILABLE',
        `cannot claim the calls of process ${process.pid}: too many processes with ids like its own are traced`,
        'use another engine: --engine ptrace',
      );
    if (former !== undefined && former !== descriptors) this.leaveTable(former);
    this.recount();
  }

  /** A process is no more, or is let go. */
  leave(process: TraceeProcess): void {
    const table = this.tables.get(process);
    this.tables.delete(process);
    this.groups.delete(process.pid);
    if (table) this.leaveTable(table);
  }

  /** What calls wait for on the server may have changed without a change of a table. */
  recount(): void {
    for (const [process, table] of this.tables) {
      if (process.watchesMaps) this.mapping.add(table);
      table.tellAwaited();
    }
  }

  private get claimsCalls(): boolean {
    return (this.flags & GroupFlag.claim) !== 0;
  }

  private giveSlot(table: DescriptorTable): void {
    const slot = this.freed.pop() ?? (this.nextSlot < SLOT_COUNT ? this.nextSlot++ : NO_SLOT);
    this.slotOf.set(table, slot);
    if (slot === NO_SLOT) return;
    const first = slot * HALVES;
    this.slots.fill(0, first, first + HALVES);
    table.markIn(
      marksAt(this.slots, first, this.claimsCalls, (awaited) => awaited + (this.mapping.has(table) ? 1 : 0)),
    );
  }

  private leaveTable(table: DescriptorTable): void {
    for (const other of this.tables.values()) if (other === table) return;
    table.markIn(undefined);
    const slot = this.slotOf.get(table);
    this.mapping.delete(table);
    this.slotOf.delete(table);
    if (slot !== undefined && slot !== NO_SLOT) this.freed.push(slot);
  }

  /** The number of the thread's claimed call, if it has one that was not taken before; else -1. */
  take(tid: number): number {
    const claim = this.marks.takeClaim(tid);
    if (claim === undefined) return -1;
    this.met++;
    return claim.number;
  }

  /** Whether it is by claims that the call is caught. */
  mayClaim(number: number): boolean {
    return (this.ruleOf(number)[Rule.kind] ?? RuleKind.never) !== RuleKind.never;
  }

  private ruleOf(number: number): Uint8Array {
    const first = ((this.active[0] ?? 0) * RULE_COUNT + number) * RULE_BYTES;
    return number < 0 ? NO_RULE : this.rules.subarray(first, first + RULE_BYTES);
  }

  /** Whether the call is not refused when it is claimed: what it has answered is as good as ever. */
  isKept(number: number): boolean {
    return ((this.ruleOf(number)[Rule.flags] ?? 0) & RuleFlag.isWanted) !== 0;
  }

  /** What the claimed call of the thread was about to write over: undefined where its rule does not have that saved. */
  overwritten(tid: number, number: number): Overwritten | undefined {
    const rule = this.ruleOf(number);
    if (((rule[Rule.flags] ?? 0) & RuleFlag.savesSets) === 0) return undefined;
    const saved = Buffer.alloc(SAVED_BYTES);
    return { rule, saved: this.machine.takeSaved(tid, saved) ? saved : undefined };
  }

  /** The thread's next call is not claimed, if it is that one. */
  passOnce(tid: number, number: number): void {
    if (!this.marks.passOnce(tid, number))
      throw new Error(
        `cannot let a call of thread ${tid} pass: four threads with ids like its own have marks`,
      );
  }

  /** The thread is no more. */
  forget(tid: number): void {
    const claim = this.marks.forget(tid);
    if (claim !== undefined && (claim.flags & RuleFlag.savesSets) !== 0)
      this.machine.takeSaved(tid, new Uint8Array(SAVED_BYTES));
  }

  tally(): Tally {
    const count = (counter: number) => countOf(this.counters, counter);
    return {
      claimed: count(Counter.claimed),
      met: this.met,
      passed: count(Counter.passed),
      escapes: count(Counter.escapes),
      lost: count(Counter.lost),
      dropped: count(Counter.dropped),
      unseen: this.unseen(),
    };
  }

  /** Throws where the kernel does not say it, rather than call it none. */
  unseen(): number {
    const count = this.machine.countMisses();
    if (count < 0) throw new Error(`cannot count the calls that eBPF has not seen: bpf returned ${count}`);
    return count;
  }

  /** What has gone past the tracer since this was asked last. */
  incidents(): Incident[] {
    const found: Incident[] = [];
    for (;;) {
      const count = this.machine.readEvents(this.events);
      for (let event = 0; event < count; event++) {
        const [thread = 0, number = 0, kind] = this.events.subarray(event * EVENT_WORDS);
        found.push({ thread, number, isLost: kind === EventKind.lost });
      }
      if (count < EVENTS) return found;
    }
  }

  close(): void {
    this.machine.closeClaims();
  }
}

/** What the operator is told of a call that has written over what it was asked with, and of which that was not saved. */
export function answeredHere(arch: Arch, number: number, thread: number): string {
  const name = nameOf(arch, number) ?? `call ${number}`;
  return `rsc: warning: ${name} of thread ${thread} has got the answer of this machine: what it was asked with could not be saved`;
}

/** What the operator is told of calls that have gone past the tracer. */
export function linesOf(kept: ClaimsKept, arch: Arch): string[] {
  const unseen = kept.unseen();
  const lines = kept.incidents().map(({ thread, number, isLost }) => {
    const name = nameOf(arch, number) ?? `call ${number}`;
    return isLost
      ? `rsc: warning: ${name} of thread ${thread} has got the answer of this machine: its stop was lost`
      : `rsc: warning: ${name} of thread ${thread} ran here, though it concerns the server`;
  });
  if (unseen > 0)
    lines.push(
      `rsc: warning: the kernel has not shown ${unseen} calls to eBPF: those among them that concern the server ran here`,
    );
  return lines;
}

/** Writes to the slot that begins at the half word `first`. `count` gives how many it has, of those that are awaited. */
function marksAt(
  slots: Uint32Array,
  first: number,
  /** Otherwise what only may be remote, or is local in part, counts as local. */
  claimsCalls: boolean,
  count: (awaited: number) => number,
): Marks {
  const bits = slots.subarray(first + Slot.bits * 2, first + HALVES);
  const write = (halves: Uint32Array, fd: number, isRemote: boolean) => {
    if (fd >= DESCRIPTOR_COUNT) return;
    const bit = 1 << (fd & 31);
    const others = (halves[fd >>> 5] ?? 0) & ~bit;
    halves[fd >>> 5] = isRemote ? others | bit : others;
  };
  return {
    mark(fd, isRemote) {
      write(bits, fd, isRemote || claimsCalls);
    },
    unmark(fd) {
      write(bits, fd, false);
    },
    fill() {
      if (claimsCalls) bits.fill(ALL_BITS);
    },
    settle(remotes) {
      const settled = new Uint32Array(bits.length);
      for (const [fd, isRemote] of remotes) write(settled, fd, isRemote || claimsCalls);
      bits.set(settled);
    },
    tell(awaited) {
      slots[first + Slot.remotes * 2] = count(awaited);
    },
  };
}
