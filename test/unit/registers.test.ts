import { expect } from 'chai';
import { Registers } from '@rsc/core/tracer/registers';

/** struct user_regs_struct of x86_64: 27 words (sys/user.h). */
const COUNT = 27;

function stoppedAtEntry(): Registers {
  const registers = new Registers(COUNT);
  registers.words[15] = 257n; // orig_rax: openat
  registers.words[14] = 0xffff_ff9cn; // rdi: AT_FDCWD as an int
  registers.words[13] = 0x7fff_1234_5678n; // rsi
  registers.words[16] = 0x1002n; // rip, behind the call
  return registers;
}

describe('the registers of a stopped thread', () => {
  it('give the number and the arguments of the call', () => {
    const registers = stoppedAtEntry();
    expect([registers.number, registers.int(0), registers.argument(1)]).to.deep.equal([
      257,
      -100,
      0x7fff_1234_5678n,
    ]);
  });

  it('take a negated errno as the result', () => {
    const registers = stoppedAtEntry();
    registers.result = -2n;
    expect([registers.words[10], registers.result]).to.deep.equal([0xffff_ffff_ffff_fffen, -2n]);
  });

  it('have no number once the call is cancelled', () => {
    const registers = stoppedAtEntry();
    registers.cancelCall();
    expect(registers.number).to.equal(-1);
  });

  it('rewind to the instruction of the call with another number', () => {
    const registers = stoppedAtEntry();
    registers.rewindTo(9);
    expect([registers.words[16], registers.words[10]]).to.deep.equal([0x1000n, 9n]);
  });

  it('tell 32-bit code by its segment', () => {
    const registers = stoppedAtEntry();
    registers.words[17] = 0x23n;
    expect([stoppedAtEntry().isCompat, registers.isCompat]).to.deep.equal([false, true]);
  });
});
