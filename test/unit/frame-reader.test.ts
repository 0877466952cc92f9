import { expect } from 'chai';
import { codec } from '@rsc/core/protocol/cbor';
import { FrameReader } from '@rsc/core/tracer/frame-reader';

/** Reads a frame as a reply: its type, its stream, its result and its outputs; and whether all of it was read. */
function read(frame: Buffer): unknown[] {
  const reader = new FrameReader();
  reader.begin(frame);
  const fields = reader.array();
  const numbers = [reader.uint(), reader.uint(), reader.int()];
  const outputs = reader
    .byteStrings(Math.max(fields - 3, 0))
    .map((bytes) => Buffer.from(bytes).toString('hex'));
  return [...numbers, outputs, reader.isAtEnd];
}

function encoded(...fields: unknown[]): Buffer {
  return Buffer.from(codec.encode(fields));
}

describe('the reader of replies', () => {
  const results = [0, 23, 24, 255, 256, 65_535, 65_536, -1, -24, -25, -4095, 2 ** 31, -(2 ** 31)];
  for (const result of results) {
    it(`reads the result ${result}`, () => {
      expect(read(encoded(2, 7, result))).to.deep.equal([2, 7, BigInt(result), [], true]);
    });
  }

  for (const result of [2n ** 47n - 1n, -(2n ** 40n), -(2n ** 63n)]) {
    it(`reads the result ${result}`, () => {
      expect(read(encoded(2, 7, result))).to.deep.equal([2, 7, result, [], true]);
    });
  }

  it('reads outputs of all lengths as views of the frame', () => {
    const outputs = [0, 1, 23, 24, 255, 256, 70_000].map((length) => Buffer.alloc(length, length));
    expect(read(encoded(2, 7, 0, ...outputs.map((bytes) => Uint8Array.from(bytes))))).to.deep.equal([
      2,
      7,
      0n,
      outputs.map((bytes) => bytes.toString('hex')),
      true,
    ]);
  });

  it('does not come to the end of what is cut off, at any byte', () => {
    const whole = encoded(2, 300, -70_000, Uint8Array.of(1, 2, 3), Uint8Array.of(4));
    const ends = Array.from({ length: whole.length }, (_, length) => read(whole.subarray(0, length)).at(-1));
    expect(ends).to.deep.equal(Array(whole.length).fill(false));
  });

  it('does not come to the end of what has too much, or is something else', () => {
    const broken = [
      Buffer.concat([encoded(2, 7, 0), Buffer.of(0)]),
      encoded(2, 7, 'text'),
      encoded(2, 7, 0, 'text'),
      encoded('two', 7, 0),
      Buffer.of(0x9f, 2, 7, 0, 0xff),
      Buffer.of(0xa0),
      Buffer.of(),
    ];
    expect(broken.map((frame) => read(frame).at(-1))).to.deep.equal(Array(broken.length).fill(false));
  });
});
