/** What the eBPF programs read as they run, kept as the tracer's state says. */
import { RscError } from '../errors.js';
import { ClaimGroups } from './claim-groups.js';
import {
  Counter,
  countOf,
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
} from './claim-layout.js';
import { ClaimMarks, type Claim } from './claim-marks.js';
import type { ClaimPlan } from './claim-plan.js';
import { ClaimSlots } from './claim-slots.js';
import type { ClaimMachine, ClaimMemory } from './claims.js';
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
  /** How many calls of any process, those of the tracees among them, the kernel may have kept from the programs. */
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
const NO_RULE = new Uint8Array(RULE_BYTES);

/** The rules, the processes and their descriptors, as the eBPF programs see them. */
export class ClaimsKept {
  private readonly rules: Uint8Array;
  private readonly active: Uint32Array;
  private readonly groups: ClaimGroups;
  private readonly marks: ClaimMarks;
  private readonly slots: ClaimSlots;
  private readonly counters: BigUint64Array;
  private readonly events = new Int32Array(EVENTS * EVENT_WORDS);
  /** Paths that are the tracer's business, whatever the plan says of the directories that they are in. */
  private readonly doubted = new Set<string>();
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
    this.slots = new ClaimSlots(memory.slots, (flags & GroupFlag.claim) !== 0);
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
    this.slots.join(process, (slot) => {
      if (this.groups.set(process.pid, slot, this.flags)) return;
      throw new RscError(
        'RSC_ENGINE_UNAVAILABLE',
        `cannot claim the calls of process ${process.pid}: too many processes with ids like its own are traced`,
        'use another engine: --engine ptrace',
      );
    });
  }

  /** A process is no more, or is let go. */
  leave(process: TraceeProcess): void {
    this.groups.delete(process.pid);
    this.slots.leave(process);
  }

  /** What calls wait for on the server may have changed without a change of a table. */
  recount(): void {
    this.slots.recount();
  }

  /** The thread's claimed call, if it has one that was not taken before: at the stop of SIGSTOP, or at another one. */
  take(tid: number, atSigstop: boolean): Claim | undefined {
    const claim = this.marks.takeClaim(tid, atSigstop);
    if (claim !== undefined) this.met++;
    return claim;
  }

  /** The SIGSTOP of a claim that was taken at another stop has come, or never will. */
  hasStopped(tid: number): void {
    this.marks.hasStopped(tid);
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
