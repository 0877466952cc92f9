import type { Notices } from './notices.js';

/**
 * The registers of a stopped thread, in the layout of x86_64's struct user_regs_struct (sys/user.h), and what the syscall
 * convention says of them (syscall(2)).
 */
const Slot = {
  r10: 7,
  r9: 8,
  r8: 9,
  rax: 10,
  rdx: 12,
  rsi: 13,
  rdi: 14,
  origRax: 15,
  rip: 16,
  cs: 17,
} as const;
const argumentSlots = [Slot.rdi, Slot.rsi, Slot.rdx, Slot.r10, Slot.r8, Slot.r9] as const;

/** Bytes of the `syscall` instruction, which rip points behind at any stop of a call. */
const SYSCALL_LENGTH = 2n;
/** The code segments of 32-bit and of 64-bit code (arch/x86/include/asm/segment.h: __USER32_CS, __USER_CS). */
const COMPAT_CODE_SEGMENT = 0x23n;
const CODE_SEGMENT = 0x33n;
const NO_CALL = 0xffff_ffff_ffff_ffffn;

export class Registers {
  readonly words: BigUint64Array;
  /** The same memory in halves: the low half of word i stands at 2i. Cheaper than bigints for 32-bit arguments. */
  private readonly halves: Int32Array;

  constructor(count: number) {
    this.words = new BigUint64Array(count);
    this.halves = new Int32Array(this.words.buffer);
  }

  copyFrom(other: Registers): void {
    this.words.set(other.words);
  }

  /** What is known of a thread whose call was told by a notice: the number and the arguments, no more. */
  takeNotice(notice: Notices): void {
    for (let index = 0; index < argumentSlots.length; index++) {
      const slot = (argumentSlots[index] ?? 0) * 2;
      this.halves[slot] = notice.argumentHalf(index * 2);
      this.halves[slot + 1] = notice.argumentHalf(index * 2 + 1);
    }
    this.halves[Slot.origRax * 2] = notice.number;
    this.halves[Slot.origRax * 2 + 1] = 0;
    this.words[Slot.cs] = notice.isCompat ? COMPAT_CODE_SEGMENT : CODE_SEGMENT;
  }

  /** The syscall number, -1 outside of a call. */
  get number(): number {
    return this.halves[Slot.origRax * 2] ?? -1;
  }

  /** Whether the thread runs 32-bit code, whose calls have other numbers. */
  get isCompat(): boolean {
    return this.words[Slot.cs] === COMPAT_CODE_SEGMENT;
  }

  argument(index: number): bigint {
    return this.words[argumentSlots[index] ?? -1] ?? 0n;
  }

  /** The argument as the kernel takes an int. */
  int(index: number): number {
    return this.halves[(argumentSlots[index] ?? 0) * 2] ?? 0;
  }

  /** Copies the first `count` arguments as halves of words, and zeroes the rest: without a bigint for each. */
  copyArguments(count: number, into: Int32Array): void {
    for (let index = 0; index < argumentSlots.length; index++) {
      const slot = (argumentSlots[index] ?? 0) * 2;
      into[index * 2] = index < count ? (this.halves[slot] ?? 0) : 0;
      into[index * 2 + 1] = index < count ? (this.halves[slot + 1] ?? 0) : 0;
    }
  }

  setArgument(index: number, value: bigint): void {
    this.words[argumentSlots[index] ?? -1] = BigInt.asUintN(64, value);
  }

  /** The call's result: a negated errno, or what it returned. */
  get result(): bigint {
    return BigInt.asIntN(64, this.words[Slot.rax] ?? 0n);
  }

  set result(value: bigint) {
    this.words[Slot.rax] = BigInt.asUintN(64, value);
  }

  /** Makes the kernel run another call than the one at whose entry the thread is stopped. */
  replaceNumber(number: number): void {
    this.words[Slot.origRax] = BigInt(number);
  }

  /** At the entry of a call: it is not run. At its exit: it is not restarted (arch/x86/kernel/signal.c). */
  cancelCall(): void {
    this.words[Slot.origRax] = NO_CALL;
  }

  /** Outside of a call: the thread seems to have just run the instruction before `addr`. */
  leadTo(addr: bigint): void {
    this.words[Slot.rip] = addr;
    this.words[Slot.origRax] = NO_CALL;
  }

  /** From the exit of a call: the thread runs the call `number` next, by the instruction that it has just run. */
  rewindTo(number: number): void {
    this.words[Slot.rip] = (this.words[Slot.rip] ?? 0n) - SYSCALL_LENGTH;
    this.words[Slot.rax] = BigInt(number);
  }
}
