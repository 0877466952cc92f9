/** What there is of threads that the eBPF programs need or tell, in the memory that they share with these. */
import { Mark, MARK_BUCKET_COUNT, MARK_WAY_COUNT, MARK_WORDS, MarkFlag, MarkKind } from './claim-layout.js';

const NONE = 0;

/** A claimed call. */
export interface Claim {
  readonly number: number;
  /** RuleFlag, of its rule, and MarkFlag. */
  readonly flags: number;
}

/** Marks of a thread may be read and written while it is stopped, or has ended. */
export class ClaimMarks {
  private readonly words: Uint32Array;

  constructor(marks: ArrayBuffer) {
    this.words = new Uint32Array(marks);
  }

  /**
   * The claimed call of the thread, which has not been taken before. Where it has been sent SIGSTOP, and stands at another stop
   * (not `atSigstop`), that stays marked for the keeper until `hasStopped`.
   */
  takeClaim(thread: number, atSigstop = true): Claim | undefined {
    const at = this.find(thread, MarkKind.claim);
    if (at === undefined) return undefined;
    const claim = { number: this.words[at + Mark.number] ?? 0, flags: this.words[at + Mark.flags] ?? 0 };
    this.hasStopped(thread);
    if (atSigstop || (claim.flags & MarkFlag.stops) === 0) this.free(at);
    else this.words[at + Mark.kind] = MarkKind.met;
    return claim;
  }

  /** The SIGSTOP of a claim that was taken at another stop has come, or never will. */
  hasStopped(thread: number): void {
    const at = this.find(thread, MarkKind.met);
    if (at !== undefined) this.free(at);
  }

  /**
   * Lets the next call with that number pass which the thread makes; it goes on to make it. False: there is no room beside
   * other threads' marks.
   */
  passOnce(thread: number, number: number): boolean {
    const own = this.find(thread, MarkKind.pass) ?? this.find(thread, MarkKind.met);
    const at = own ?? this.occupy(thread);
    if (at === undefined) return false;
    if (own === undefined) this.words[at + Mark.flags] = 0;
    this.words[at + Mark.kind] = MarkKind.pass;
    this.words[at + Mark.number] = number;
    return true;
  }

  /** The thread is no more. Returns the claim that it had. */
  forget(thread: number): Claim | undefined {
    const pass = this.find(thread, MarkKind.pass);
    if (pass !== undefined) this.free(pass);
    const claim = this.takeClaim(thread);
    this.hasStopped(thread);
    return claim;
  }

  private free(at: number): void {
    Atomics.store(this.words, at + Mark.thread, NONE);
  }

  private find(thread: number, kind: number): number | undefined {
    const first = firstOf(thread);
    for (let at = first; at < first + MARK_WAY_COUNT * MARK_WORDS; at += MARK_WORDS)
      if (this.words[at + Mark.thread] === thread && this.words[at + Mark.kind] === kind) return at;
    return undefined;
  }

  /** Other threads, which run, may want the same place. */
  private occupy(thread: number): number | undefined {
    const first = firstOf(thread);
    for (let at = first; at < first + MARK_WAY_COUNT * MARK_WORDS; at += MARK_WORDS)
      if (Atomics.compareExchange(this.words, at + Mark.thread, NONE, thread) === NONE) return at;
    return undefined;
  }
}

function firstOf(thread: number): number {
  return (thread % MARK_BUCKET_COUNT) * MARK_WAY_COUNT * MARK_WORDS;
}
