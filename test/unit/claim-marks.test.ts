import { expect } from 'chai';
import {
  Mark,
  MARK_BUCKET_COUNT,
  MARK_WAY_COUNT,
  MARK_WORDS,
  MarkFlag,
  MarkKind,
  RuleFlag,
} from '@rsc/core/tracer/claim-layout';
import { ClaimMarks } from '@rsc/core/tracer/claim-marks';

const alike = (index: number): number => 7 + index * MARK_BUCKET_COUNT;

describe('the calls of threads that eBPF programs claim, or let pass', () => {
  let words: Uint32Array;
  let marks: ClaimMarks;

  beforeEach(() => {
    const memory = new ArrayBuffer(MARK_BUCKET_COUNT * MARK_WAY_COUNT * MARK_WORDS * 4);
    words = new Uint32Array(memory);
    marks = new ClaimMarks(memory);
  });

  /** As a program writes it. */
  function claim(thread: number, number: number, way: number, flags: number = RuleFlag.savesSets): void {
    const at = ((thread % MARK_BUCKET_COUNT) * MARK_WAY_COUNT + way) * MARK_WORDS;
    words[at + Mark.thread] = thread;
    words[at + Mark.kind] = MarkKind.claim;
    words[at + Mark.number] = number;
    words[at + Mark.flags] = flags;
  }

  it('are taken once, beside those of other threads', () => {
    claim(alike(0), 1, 2);
    claim(alike(1), 3, 0);

    expect([0, 1, 2, 1].map((index) => marks.takeClaim(alike(index))?.number)).to.deep.equal([
      1,
      3,
      undefined,
      undefined,
    ]);
  });

  it('have no passes taken for claims, and one pass for each thread', () => {
    marks.passOnce(alike(0), 5);
    marks.passOnce(alike(0), 6);

    expect(marks.takeClaim(alike(0))).to.equal(undefined);
    expect([...words].filter((word) => word !== 0)).to.deep.equal([alike(0), MarkKind.pass, 6]);
  });

  it('are not let pass where there is no room, until a thread with an id like theirs is gone', () => {
    const passed = Array.from({ length: MARK_WAY_COUNT }, (_, index) => marks.passOnce(alike(index), 5));
    const refused = marks.passOnce(alike(MARK_WAY_COUNT), 5);
    marks.forget(alike(2));

    expect([new Set(passed), refused, marks.passOnce(alike(MARK_WAY_COUNT), 5)]).to.deep.equal([
      new Set([true]),
      false,
      true,
    ]);
  });

  it('stay marked where they are met before the SIGSTOP that they have sent, until that has come', () => {
    claim(alike(0), 1, 0, MarkFlag.stops);

    const taken = [1, 2].map(() => marks.takeClaim(alike(0), false)?.number);
    const kept = [...words].filter((word) => word !== 0);
    marks.hasStopped(alike(0));
    expect({ taken, kept, left: words.includes(alike(0)) }).to.deep.equal({
      taken: [1, undefined],
      kept: [alike(0), MarkKind.met, 1, MarkFlag.stops],
      left: false,
    });
  });

  it('have one mark beside a pass: it is that of the SIGSTOP, until the thread makes its call', () => {
    claim(alike(0), 1, 0, MarkFlag.stops);
    marks.takeClaim(alike(0), false);
    marks.passOnce(alike(0), 2);
    marks.hasStopped(alike(0));

    expect([...words].filter((word) => word !== 0)).to.deep.equal([
      alike(0),
      MarkKind.pass,
      2,
      MarkFlag.stops,
    ]);
  });

  it('are forgotten with their thread, which says what was saved for it', () => {
    claim(alike(0), 1, 0);
    marks.passOnce(alike(0), 2);

    expect(marks.forget(alike(0))).to.deep.equal({ number: 1, flags: RuleFlag.savesSets });
    expect(
      [...words].filter((_, index) => index % MARK_WORDS === Mark.thread && words[index] !== 0),
    ).to.deep.equal([]);
  });
});
