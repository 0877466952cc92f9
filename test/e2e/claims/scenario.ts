/** A program whose calls are claimed, and what is done with each claim. It travels as JSON to the process that traces. */
export interface Scenario {
  readonly vetoes?: readonly string[];
  /** By generation; the first counts. */
  readonly generations: readonly Generation[];
  /** Descriptors that are remote. */
  readonly remote?: readonly number[];
  /** GroupFlag; claims where it is not given, and ends with its tracer unless it survives. */
  readonly flags?: number;
  /** The slot of the program, 0 where it is not given. */
  readonly slot?: number;
  /** What the guest static-make-calls is told, each call with its name in the place of its number. */
  readonly calls: readonly string[];
  /** What is done with claims, in their order; the last one stands for all that follow. Default: answer. */
  readonly turns?: readonly Turn[];
  /** How often the programs are loaded and unloaded before. */
  readonly rounds?: number;
  /** The program outlives its tracer. */
  readonly survives?: true;
}

export interface Generation {
  /** By the name of the call. */
  readonly rules: Readonly<Record<string, RuleWords>>;
  /** A Side by prefix. */
  readonly prefixes?: Readonly<Record<string, number>>;
}

/** A rule, with what differs from a rule that claims always. */
export interface RuleWords {
  readonly kind?: number;
  readonly flags?: number;
  readonly descriptors?: readonly number[];
  readonly directories?: readonly number[];
  readonly paths?: readonly number[];
  readonly unlessArgument?: number;
  readonly unlessBits?: number;
}

/**
 * answer: the call has the result ANSWER. pass: it is made again, and passes once. local: the tracer has the thread make it.
 * flip: as answer, and from then on the other generation counts. hang: the tracer says so, and waits to be killed.
 */
export type Turn = 'answer' | 'pass' | 'local' | 'flip' | 'hang';

export const ANSWER = 777;

export interface Outcome {
  readonly claims: readonly Claim[];
  /** By name of Counter; `passed` only says whether there were any. `unseen`: ClaimMachine.countMisses. */
  readonly counters: Readonly<Record<string, number>>;
  readonly events: readonly { readonly call: string; readonly kind: string }[];
  /** How many descriptors more the tracer has at the end than before it has loaded anything. */
  readonly left: number;
  /** The status that the program has exited with, or 128 + the signal. */
  readonly status: number;
}

/** A claimed call, the signal that it was told by, and what the call had answered here. */
export interface Claim {
  readonly call: string;
  readonly signal: string;
  readonly result: number;
}
