import { errno } from '../abi/errno.js';

/** Words of struct seccomp_notif and struct seccomp_notif_resp (linux/seccomp.h). */
const NOTICE_WORDS = 10;
const RESPONSE_WORDS = 3;

const ARGUMENTS = 6;
/** PATH_MAX with its NUL (linux/limits.h). */
const TEXT_BYTES = 4096;

/** Offsets in 32-bit halves: of struct seccomp_notif, */
const Notice = { id: 0, number: 4, arch: 5, args: 8 } as const;
/** and of struct seccomp_notif_resp. */
const Response = { id: 0, val: 2, flags: 5 } as const;

/** SECCOMP_USER_NOTIF_FLAG_CONTINUE: the kernel runs the call as it is. */
const CONTINUE = 1;
/** AUDIT_ARCH_X86_64 (linux/audit.h), as a signed number. */
const X86_64 = 0xc000003e | 0;

/**
 * What the kernel tells of a call that the filter has caught (seccomp_unotify(2)), and what it is answered: memory that
 * the machine fills and sends. A call is known by its notice's id until it is answered or interrupted.
 */
export class Notices {
  /** What `receiveNotice` fills. */
  readonly notice = new BigUint64Array(NOTICE_WORDS);
  /** What `respond` sends. */
  readonly response = new BigUint64Array(RESPONSE_WORDS);
  /** The strings of the call: that of argument i at byte 4096 i, */
  readonly texts = Buffer.alloc(ARGUMENTS * TEXT_BYTES);
  /** and its length, or a negated errno. */
  readonly lengths = new Int32Array(ARGUMENTS);
  private readonly told = new Int32Array(this.notice.buffer);
  private readonly answer = new Int32Array(this.response.buffer);

  /** The system call's number. */
  get number(): number {
    return this.told[Notice.number] ?? -1;
  }

  /** Whether 32-bit code made the call, whose numbers are others. */
  get isCompat(): boolean {
    return this.told[Notice.arch] !== X86_64;
  }

  /** Half `index` of the six arguments. */
  argumentHalf(index: number): number {
    return this.told[Notice.args + index] ?? 0;
  }

  /** The string of the argument, in latin1, or as much of it as there is room for; a negated errno where it cannot be read. */
  string(argument: number): string | number {
    const told = this.lengths[argument] ?? 0;
    const length = told === -errno.ENAMETOOLONG ? TEXT_BYTES : told;
    const begin = argument * TEXT_BYTES;
    return length < 0 ? length : this.texts.toString('latin1', begin, begin + length);
  }

  /** Copies the notice's id, by which it is answered. */
  copyId(into: Int32Array): void {
    into[0] = this.told[Notice.id] ?? 0;
    into[1] = this.told[Notice.id + 1] ?? 0;
  }

  /** Makes the response one with a result: a negated errno, or what the call returns. */
  setResult(id: Int32Array, result: bigint): void {
    this.address(id, 0);
    this.response[Response.val / 2] = BigInt.asUintN(64, result);
  }

  /** Makes the response one that lets the call run as it is. */
  setContinue(id: Int32Array): void {
    this.address(id, CONTINUE);
    this.response[Response.val / 2] = 0n;
  }

  /** Says whose call the response is for. */
  address(id: Int32Array, flags: number): void {
    this.answer[Response.id] = id[0] ?? 0;
    this.answer[Response.id + 1] = id[1] ?? 0;
    this.answer[Response.flags] = flags;
  }
}
