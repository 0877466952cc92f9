import { expect } from 'chai';
import { leftOf, timeBytes, timeoutOf, wholeMilliseconds } from '@rsc/core/tracer/deadline';
import { callOf, thread } from './tracee';

/** The timeout of a call, where 0x1000 has these two words. */
function timeout(
  name: string,
  argument: string,
  registers: readonly bigint[],
  words: readonly bigint[] = [],
) {
  const bytes = Buffer.alloc(16);
  words.forEach((word, index) => bytes.writeBigInt64LE(word, index * 8));
  return timeoutOf(callOf(thread('/'), name, registers), argument, (addr) =>
    addr === 0x1000n ? bytes : undefined,
  );
}

const ppoll = (addr: bigint, ...words: bigint[]) => timeout('ppoll', 'tmo_p', [0n, 0n, addr], words);
const select = (addr: bigint, ...words: bigint[]) =>
  timeout('select', 'timeout', [0n, 0n, 0n, 0n, addr], words);

describe('how long a call waits', () => {
  it('is a number of milliseconds, where it has no struct for it', () => {
    expect(timeout('poll', 'timeout', [0n, 0n, 25n])?.ns).to.equal(25_000_000n);
    expect(timeout('poll', 'timeout', [0n, 0n, 0xffff_ffffn])).to.deep.equal({
      register: 2,
      ns: undefined,
      at: undefined,
    });
  });

  it('stands in a struct that is written to', () => {
    expect(ppoll(0x1000n, 2n, 5n)).to.deep.equal({
      register: 2,
      ns: 2_000_000_005n,
      at: { addr: 0x1000n, unit: 1n },
    });
    expect(select(0x1000n, 1n, 1_500_000n)?.ns).to.equal(2_500_000_000n);
    expect(ppoll(0n)?.ns).to.equal(undefined);
  });

  it('is not known where the kernel refuses it', () => {
    expect([
      ppoll(0x2000n),
      ppoll(0x1000n, -1n, 0n),
      ppoll(0x1000n, 0n, 1_000_000_000n),
      ppoll(0x1000n, 0n, -1n),
      select(0x1000n, 0n, -1n),
    ]).to.deep.equal([undefined, undefined, undefined, undefined, undefined]);
  });

  it('becomes less, down to nothing', () => {
    const tenMs = { register: 0, ns: 10_000_000n, at: undefined };
    expect([leftOf(tenMs, 2.5), leftOf(tenMs, 11)]).to.deep.equal([7_500_000n, 0n]);
    expect(leftOf({ ...tenMs, ns: undefined }, 5)).to.equal(undefined);
  });

  it('is written in the units of its struct, and in milliseconds that are not shorter', () => {
    const words = (bytes: Buffer) => [bytes.readBigInt64LE(0), bytes.readBigInt64LE(8)];
    expect(words(timeBytes(2_000_001_999n, 1n))).to.deep.equal([2n, 1999n]);
    expect(words(timeBytes(2_000_001_999n, 1000n))).to.deep.equal([2n, 1n]);
    expect([0n, 1n, 2_000_000n, undefined].map(wholeMilliseconds)).to.deep.equal([0n, 1n, 2n, -1n]);
  });
});
