import { expect } from 'chai';
import { codec } from '@rsc/core/protocol/cbor';
import { flawOf } from '@rsc/core/protocol/strict';
import type { Kernel } from '@rsc/core/tracer/kernel';
import type { Changes } from '@rsc/core/tracer/changes';
import { Marshaller } from '@rsc/core/tracer/marshal';
import { callOf, remoteDescriptor, thread } from './tracee';

const EFAULT = 14;
const BASE = 0x1000n;

/** A tracee's memory: one piece of it, at BASE. */
function memory(bytes: Buffer): Pick<Kernel, 'prepareSegments' | 'readMemory' | 'writeMemory'> {
  let prepared: BigUint64Array = new BigUint64Array();
  const move = (
    segments: BigUint64Array,
    count: number,
    copy: (at: number, length: number, offset: number) => void,
  ) => {
    let moved = 0;
    for (let index = 0; index < count; index++) {
      const [addr = 0n, length = 0n, offset = 0n] = segments.subarray(index * 3, index * 3 + 3);
      if (addr < BASE || addr + length > BASE + BigInt(bytes.length)) return moved === 0 ? -EFAULT : moved;
      copy(Number(addr - BASE), Number(length), Number(offset));
      moved += Number(length);
    }
    return moved;
  };
  return {
    prepareSegments: (segments) => {
      prepared = segments;
    },
    readMemory: (_, buffer, segments = prepared, count) =>
      move(segments, count, (at, length, offset) => {
        buffer.set(bytes.subarray(at, at + length), offset);
      }),
    writeMemory: (_, buffer, segments = prepared, count) =>
      move(segments, count, (at, length, offset) => {
        bytes.set(buffer.subarray(offset, offset + length), at);
      }),
  };
}

/** The frame of a call on descriptor 4, which is 9 in the twin: its fields behind the type. */
function encode(
  bytes: Buffer,
  name: string,
  registers: readonly bigint[],
  strings = {},
  changes: Changes = {},
) {
  const caller = thread('/');
  caller.process.descriptors.set(4, remoteDescriptor(9));
  const marshaller = new Marshaller(memory(bytes) as Kernel);
  const failed = marshaller.encode(callOf(caller, name, registers, strings), changes);
  if (failed < 0) return { failed, ready: marshaller.writer.ready };
  const frame = marshaller.writer.buffer.subarray(4, marshaller.writer.ready);
  expect(flawOf(frame)).to.equal(undefined);
  const fields = codec.decode(frame) as unknown[];
  const [, stream, twin, number, blocking, args, segments] = fields as [
    ...[number, number, number, number, number],
    Buffer,
    number[][],
  ];
  const inputs = fields.slice(7) as Buffer[];
  const words = Array.from({ length: 6 }, (_, index) => args.readBigInt64LE(index * 8));
  return {
    stream,
    twin,
    number,
    blocking,
    words,
    segments,
    inputs: inputs.map(String),
    outputs: marshaller.outputs(),
  };
}

describe('marshalling a call', () => {
  it('sends the bytes of a write, and the number of the descriptor in the twin', () => {
    expect(encode(Buffer.from('hello'), 'write', [4n, BASE, 5n])).to.deep.equal({
      stream: 7,
      twin: 0,
      number: 1,
      blocking: 2,
      words: [9n, BASE, 5n, 0n, 0n, 0n],
      segments: [[1, 0, 5]],
      inputs: ['hello'],
      outputs: [],
    });
  });

  it('asks for as many bytes of a read as the result says', () => {
    const { segments, outputs } = encode(Buffer.alloc(0), 'read', [4n, 0x5000n, 100n]);
    expect({ segments, outputs }).to.deep.equal({
      segments: [[1, 3, 100]],
      outputs: [{ addr: 0x5000n, size: 100 }],
    });
  });

  it('sends a path with its NUL, and another in its place where one is given', () => {
    const inputs = [undefined, new Map([[1, '/b']])].map(
      (paths) =>
        encode(Buffer.alloc(0), 'openat', [-100n, 1n, 0n, 0n], { 1: '/a' }, paths ? { paths } : {}).inputs,
    );
    expect(inputs).to.deep.equal([['/a\0'], ['/b\0']]);
  });

  it('sends an iovec as pointers into the segments of its buffers', () => {
    const bytes = Buffer.alloc(64);
    [BASE + 48n, 3n, 0n, 0n, BASE + 56n, 4n].forEach((word, index) =>
      bytes.writeBigUInt64LE(word, index * 8),
    );
    bytes.write('abc', 48);
    bytes.write('defg', 56);
    const { words, segments, inputs } = encode(bytes, 'writev', [4n, BASE, 3n]);
    expect({ words: words?.slice(0, 3), segments, buffers: inputs?.slice(1) }).to.deep.equal({
      words: [9n, BASE, 2n],
      segments: [
        [1, 0, 32],
        [0x10000, 0, 3],
        [0x10010, 0, 4],
      ],
      buffers: ['abc', 'defg'],
    });
  });

  it('sends a struct that points to bytes as a pointer into their segment', () => {
    const bytes = Buffer.alloc(32);
    bytes.writeBigUInt64LE(BASE + 16n);
    bytes.writeUInt32LE(5, 8);
    bytes.write('value', 16);
    const strings = { 1: 'file', 3: 'user.x' };
    const registers = [4n, 1n, 0n, 1n, BASE, 16n];
    const { segments, inputs } = encode(bytes, 'setxattrat', registers, strings);
    expect({ segments, value: inputs?.at(-1) }).to.deep.equal({
      segments: [
        [1, 0, 5],
        [3, 0, 7],
        [4, 0, 16],
        [0x30000, 0, 5],
      ],
      value: 'value',
    });
    const { segments: asked } = encode(bytes, 'getxattrat', registers, strings);
    expect(asked?.at(-1)).to.deep.equal([0x30000, 3, 5]);
  });

  it('sends memory that is not there as a bad pointer, where it is asked to', () => {
    const { words, segments } = encode(
      Buffer.alloc(4),
      'write',
      [4n, BASE, 6n],
      {},
      { withBadPointers: true },
    );
    expect({ words: words?.slice(0, 3), segments }).to.deep.equal({ words: [9n, 16n, 6n], segments: [] });
  });

  it('lets the kernel refuse an iovec with a negative length', () => {
    const bytes = Buffer.alloc(32);
    bytes.writeBigInt64LE(-1n, 24);
    const { words, segments, inputs } = encode(bytes, 'writev', [4n, BASE, 2n]);
    expect({ count: words?.[2], segments, length: inputs?.[0]?.length }).to.deep.equal({
      count: 1n,
      segments: [[1, 0, 16]],
      length: String(bytes.subarray(16)).length,
    });
  });

  it('moves no more than the kernel moves in one call', () => {
    const most = 0x7fff_f000;
    const { words } = encode(Buffer.alloc(0), 'read', [4n, 0x5000n, 1n << 40n], {}, { done: most - 100 });
    expect(words?.[2]).to.equal(100n);
  });

  it('leaves out what earlier pieces have moved, and moves the position on', () => {
    const { words, segments } = encode(Buffer.alloc(0), 'pread64', [4n, 0x5000n, 100n, 7n], {}, { done: 60 });
    expect({ words: words?.slice(0, 4), segments }).to.deep.equal({
      words: [9n, 0x5000n, 40n, 67n],
      segments: [[1, 3, 40]],
    });
  });

  it('never sends a number that is not remote', () => {
    expect(encode(Buffer.alloc(0), 'fsync', [3n]).words?.[0]).to.equal(0xffff_ffffn);
  });

  it('answers EFAULT for memory that is not there, and leaves no frame behind', () => {
    expect(encode(Buffer.from('hello'), 'write', [4n, BASE, 6n])).to.deep.equal({
      failed: -EFAULT,
      ready: 0,
    });
  });

  it('sends what comes back changed before what comes back new, in a call of its own', () => {
    const marshaller = new Marshaller(memory(Buffer.alloc(0)) as Kernel);
    marshaller.encodeDirect(7, 2, {
      number: 23,
      args: [5n, 0n, 0n, 0n, 0n],
      input: [4, Buffer.from('time')],
      changed: [
        [1, Buffer.from('set')],
        [3, Buffer.from('other')],
      ],
      mayBlock: true,
      output: { register: 2, size: 8, counted: false },
    });
    const frame = marshaller.writer.buffer.subarray(4, marshaller.writer.ready);
    expect(flawOf(frame)).to.equal(undefined);
    const [, stream, twin, number, blocking, , segments, ...inputs] = codec.decode(frame) as unknown[];
    expect({ stream, twin, number, blocking, segments, inputs: inputs.map(String) }).to.deep.equal({
      stream: 7,
      twin: 2,
      number: 23,
      blocking: 1,
      segments: [
        [4, 0, 4],
        [1, 2, 3],
        [3, 2, 5],
        [2, 1, 8],
      ],
      inputs: ['time', 'set', 'other'],
    });
  });
});
