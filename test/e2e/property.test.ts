/**
 * Sequences of file operations that chance has written, each natively in one tree and under rsc in another: what every
 * operation answers and what is left behind have to be equal. A seed always gives the same sequence.
 *
 *   RSC_SEED=1234      only that sequence
 *   RSC_SEQUENCES=N    so many of them, in place of 5000
 */
import { seed as first } from './property/chance';
import { differences, type Difference } from './property/comparison';
import { sequenceOf } from './property/sequence';
import { shrink } from './property/shrink';

const BATCH = 500;
const count = Number(process.env['RSC_SEQUENCES'] ?? (process.env['RSC_SEED'] === undefined ? 5000 : 1));

function seedsFrom(from: number): number[] {
  return Array.from({ length: Math.min(BATCH, first + count - from) }, (_, index) => from + index);
}

/** What has to be known to see it again: the shortest sequence of its kind, and both answers. */
async function report(all: readonly Difference[], difference: Difference): Promise<string> {
  const { sequence, difference: shortest } = await shrink(sequenceOf(Number(difference.name)), difference);
  return [
    `${all.length} of the sequences differ; again: RSC_SEED=${difference.name} node_modules/.bin/mocha -g property`,
    ...sequence,
    ...shortest.native.map((line) => `  natively   ${line}`),
    ...shortest.remote.map((line) => `  under rsc  ${line}`),
  ].join('\n');
}

describe('property: file operations in any order do the same as natively', function () {
  this.timeout(300_000);
  for (let from = first; from < first + count; from += BATCH) {
    const seeds = seedsFrom(from);
    it(`the sequences of the seeds ${from} to ${from + seeds.length - 1}`, async () => {
      const found = await differences(new Map(seeds.map((seed) => [String(seed), sequenceOf(seed)])));
      if (found[0] !== undefined) throw new Error(await report(found, found[0]));
    });
  }
});
