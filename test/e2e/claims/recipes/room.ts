import type { Recipe, Word } from '../effect-calls';

/** Memory that is not yet what a call would write there. */
export function room(size = 256): Word {
  return { bytes: Array.from({ length: size }, () => 0x55) };
}

/** A call that does nothing but answer, by its result. */
export const answers: Recipe = { unseen: 'it only answers' };
/** The same of one that only waits, or wakes who waits. */
export const waits: Recipe = { unseen: 'it only waits, or wakes who waits' };
