import { expect } from 'chai';
import { takeExit } from '@rsc/core/tracer/beside';
import { isInterruption } from '@rsc/core/tracer/interruption';
import type { Beside } from '@rsc/core/tracer/process';
import { thread as threadIn } from './tracee';

describe('a call beside the one on the server', () => {
  function exit(result: bigint, hasBegun: boolean): { readonly hasEnded: boolean; readonly beside: Beside } {
    const thread = threadIn(undefined);
    const beside: Beside = { result: undefined };
    thread.localCall = hasBegun ? undefined : { number: 7, args: [] };
    return { hasEnded: takeExit(thread, beside, result), beside };
  }

  it('has ended with a result of its own', () => {
    for (const result of [0n, 3n, -14n])
      expect(exit(result, true)).to.deep.equal({ hasEnded: true, beside: { result } });
  });

  it('may begin again when it was interrupted', () => {
    for (const result of [-4n, -512n, -514n, -516n]) {
      expect(isInterruption(result)).to.equal(true);
      expect(exit(result, true)).to.deep.equal({ hasEnded: false, beside: { result } });
    }
  });

  it('has looked at nothing when it was interrupted before it began', () => {
    expect(exit(-512n, false)).to.deep.equal({ hasEnded: false, beside: { result: undefined } });
  });
});
