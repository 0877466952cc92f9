import { expect } from 'chai';
import { ClaimGroups } from '@rsc/core/tracer/claim-groups';
import { BUCKET_COUNT, GROUP_WORDS, WAY_COUNT } from '@rsc/core/tracer/claim-layout';

const alike = (index: number): number => 7 + index * BUCKET_COUNT;

describe('the processes whose calls eBPF programs look at', () => {
  let words: Uint32Array;
  let groups: ClaimGroups;

  beforeEach(() => {
    const memory = new ArrayBuffer(BUCKET_COUNT * WAY_COUNT * GROUP_WORDS * 4);
    words = new Uint32Array(memory);
    groups = new ClaimGroups(memory);
  });

  it('stand in the bucket of the last bits of their ids, with slot and flags in one word', () => {
    groups.set(alike(1), 3, 2);

    expect([...words.subarray(7 * WAY_COUNT * GROUP_WORDS).subarray(0, 2)]).to.deep.equal([
      alike(1),
      3 | (2 << 16),
    ]);
  });

  it('have one place each, whatever slot they are given', () => {
    groups.set(alike(0), 3, 1);
    groups.set(alike(1), 4, 1);
    groups.set(alike(0), 5, 1);

    expect([...words].filter((word) => word !== 0)).to.have.members([
      alike(0),
      5 | (1 << 16),
      alike(1),
      4 | (1 << 16),
    ]);
  });

  it('are refused where as many with ids like theirs are there, until one of these is gone', () => {
    const taken = Array.from({ length: WAY_COUNT }, (_, index) => groups.set(alike(index), index, 1));
    const refused = groups.set(alike(WAY_COUNT), 0, 1);
    groups.delete(alike(2));

    expect([new Set(taken), refused, groups.set(alike(WAY_COUNT), 0, 1)]).to.deep.equal([
      new Set([true]),
      false,
      true,
    ]);
  });
});
