import { differences, type Difference } from './comparison';
import type { Sequence } from './sequence';

/** A sequence of which no operation can be left out without hiding a difference, and that difference. */
export interface Shrunk {
  readonly sequence: Sequence;
  readonly difference: Difference;
}

/** Leaves out operations, many at first and then one at a time, as long as a difference remains. */
export async function shrink(sequence: Sequence, difference: Difference): Promise<Shrunk> {
  let smallest: Shrunk = { sequence, difference };
  for (let size = Math.ceil(sequence.length / 2); size > 0;) {
    const smaller = await firstThatDiffers(shortened(smallest.sequence, size));
    if (smaller !== undefined) smallest = smaller;
    else size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return smallest;
}

function shortened(sequence: Sequence, size: number): Sequence[] {
  return sequence.map((_, from) => [...sequence.slice(0, from), ...sequence.slice(from + size)]);
}

async function firstThatDiffers(candidates: readonly Sequence[]): Promise<Shrunk | undefined> {
  const named = new Map(candidates.map((sequence, index) => [String(index), sequence]));
  const [difference] = await differences(named);
  const sequence = difference && named.get(difference.name);
  return sequence && { sequence, difference };
}
