import { errnoName } from '../abi/errno.js';

/** One thing that a machine allows or does not allow. */
export interface Fact {
  /** The thing, in words that are the same on every machine. */
  readonly name: string;
  readonly allowed: boolean;
  /** Whether `rsc run` cannot do without it. */
  readonly needed: boolean;
  /** The engine notify cannot do without it. */
  readonly isForNotices?: true;
  /** Needed for seccomp filters only, of which `rsc attach` installs none. */
  readonly isForFilters?: true;
  /** What is allowed does not extend to running processes, which `rsc attach` traces. */
  readonly deniesAttach?: true;
  /** Programs can keep claimed calls from their effect in this way. */
  readonly veto?: 'exact' | 'wide';
  /** What follows from it. */
  readonly means: string;
  /** How to change it, in words or as a command that can be pasted; undefined where nothing needs to be changed. */
  readonly remedy?: string;
}

/** What is said of a thing that was tried. */
interface Trial {
  readonly name: string;
  readonly needed?: boolean;
  readonly isForNotices?: true;
  readonly isForFilters?: true;
  readonly veto?: 'exact' | 'wide';
  /** 0 or more, or a negated errno. */
  readonly result: number;
  /** The call that returned it. */
  readonly call: string;
  readonly yes: string;
  readonly no: string;
  readonly remedy: string;
}

/** The fact that a probe has found. */
export function tried({ name, needed = false, result, call, yes, no, remedy, ...trial }: Trial): Fact {
  const { isForNotices, isForFilters, veto } = trial;
  const what = {
    name,
    needed,
    ...(isForNotices && { isForNotices }),
    ...(isForFilters && { isForFilters }),
    ...(veto && { veto }),
  };
  if (result >= 0) return { ...what, allowed: true, means: yes };
  return {
    ...what,
    allowed: false,
    means: `${no}: ${call} returned ${errnoName(-result)}`,
    remedy,
  };
}
