import { expect } from 'chai';
import { codec } from '@rsc/core/protocol/cbor';
import { flawOf } from '@rsc/core/protocol/strict';
import { FrameWriter } from '@rsc/core/tracer/frame-writer';

describe('the frame writer', () => {
  const writer = new FrameWriter(1 << 17);

  for (const value of [0, 23, 24, 255, 256, 65535, 65536, 0xffffffff, 0x100000000, Number.MAX_SAFE_INTEGER]) {
    it(`writes ${value} as the codec reads it, in its shortest form`, () => {
      writer.clear();
      writer.begin();
      writer.array(1);
      writer.uint(value);
      writer.finish();
      const frame = writer.buffer.subarray(4, writer.ready);
      expect({ value: (codec.decode(frame) as unknown[]).map(Number), flaw: flawOf(frame) }).to.deep.equal({
        value: [value],
        flaw: undefined,
      });
    });
  }

  for (const length of [0, 23, 24, 255, 256, 65536]) {
    it(`leaves room for ${length} bytes at the place that it returns`, () => {
      writer.clear();
      writer.begin();
      writer.array(2);
      const at = writer.bytes(length);
      writer.uint(7);
      writer.finish();
      writer.buffer.fill(0x61, at, at + length);
      expect(codec.decode(writer.buffer.subarray(4, writer.ready))).to.deep.equal([
        Buffer.alloc(length, 0x61),
        7,
      ]);
    });
  }

  it('prefixes each frame with its length in network order', () => {
    writer.clear();
    writer.begin();
    writer.array(0);
    writer.finish();
    writer.begin();
    writer.array(7);
    writer.begin();
    writer.uint(5);
    writer.finish();
    expect(writer.buffer.subarray(0, writer.ready).toString('hex')).to.equal('00000001800000000105');
  });
});
