import { expect } from 'chai';
import { buildFilter } from '@rsc/core/tracer/filter';

const ALLOW = 0x7fff0000;
const STOP = 0x7ff00000;
const NOTIFY = 0x7fc00000;
const X86_64 = 0xc000003e;
const I386 = 0x40000003;

/** Runs a filter as the kernel does: the five instructions that buildFilter uses (linux/bpf_common.h). */
function verdict(filter: Buffer, call: { arch?: number; number: number; args?: readonly number[] }): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number >>> 0, 0);
  data.writeUInt32LE(call.arch ?? X86_64, 4);
  (call.args ?? []).forEach((arg, index) => data.writeBigUInt64LE(BigInt(arg), 16 + 8 * index));
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const [code, ifTrue, ifFalse, operand] = [
      filter.readUInt16LE(at * 8),
      filter.readUInt8(at * 8 + 2),
      filter.readUInt8(at * 8 + 3),
      filter.readUInt32LE(at * 8 + 4),
    ];
    if (code === 0x06) return operand;
    if (code === 0x20) accumulator = data.readUInt32LE(operand);
    else if (code === 0x15) at += accumulator === operand ? ifTrue : ifFalse;
    else if (code === 0x25) at += accumulator > operand ? ifTrue : ifFalse;
    else if (code === 0x45) at += (accumulator & operand) !== 0 ? ifTrue : ifFalse;
    else throw new Error(`no such instruction: ${code}`);
  }
}

describe('the seccomp filter', () => {
  const filter = buildFilter('x86_64', {
    caught: new Map([
      [0, { by: 'notify' }],
      [33, { by: 'stop' }],
      [257, { by: 'notify' }],
      [9, { by: 'notify', unless: { argument: 3, bits: 0x20 } }],
    ]),
    others: 'notify',
    lastKnown: 462,
  });

  it('catches the trapped calls, each in its way, and no other known call', () => {
    const caught = Array.from({ length: 463 }, (_, number) => [number, verdict(filter, { number })]).filter(
      ([, answer]) => answer !== ALLOW,
    );
    expect(caught).to.deep.equal([
      [0, NOTIFY],
      [9, NOTIFY],
      [33, STOP],
      [257, NOTIFY],
    ]);
  });

  it('lets a conditional call pass when one of its bits is set', () => {
    const withFlags = (flags: number) => verdict(filter, { number: 9, args: [0, 0, 0, flags] });
    expect([0x02, 0x22, 0x20, 0x10022].map(withFlags)).to.deep.equal([NOTIFY, ALLOW, ALLOW, ALLOW]);
  });

  it('catches calls that no row describes', () => {
    expect([463, 1000, 0x40000000, -1].map((number) => verdict(filter, { number }))).to.deep.equal([
      NOTIFY,
      NOTIFY,
      NOTIFY,
      NOTIFY,
    ]);
  });

  it('catches every call of another architecture', () => {
    expect(verdict(filter, { number: 39, arch: I386 })).to.equal(NOTIFY);
  });
});
