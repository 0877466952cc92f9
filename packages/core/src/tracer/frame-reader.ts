/**
 * Reads the frames that come back with every call, without a copy and with few objects: CBOR heads (RFC 8949 section 3) of
 * definite length. What it does not understand makes the frame one that does not end where it should: `isAtEnd`.
 */
const Major = { uint: 0, negative: 1, bytes: 2, array: 4 } as const;
/** Stands for the end of a frame that cannot be read. */
const BROKEN = -1;

export class FrameReader {
  private frame: Buffer = Buffer.alloc(0);
  private at = 0;

  begin(frame: Buffer): void {
    this.frame = frame;
    this.at = 0;
  }

  /** Whether all has been read, and all of it could be. */
  get isAtEnd(): boolean {
    return this.at === this.frame.length;
  }

  /** The number of elements that follow. */
  array(): number {
    return this.head(Major.array);
  }

  /** An unsigned integer up to 2^53. */
  uint(): number {
    return this.head(Major.uint);
  }

  /** A signed integer of 64 bits. */
  int(): bigint {
    const first = this.frame[this.at] ?? 0;
    const major = first >> 5;
    if (major > Major.negative) return this.break();
    if ((first & 31) === 27) return this.wide(major);
    const value = BigInt(this.head(major));
    return major === Major.uint ? value : -1n - value;
  }

  /** `count` byte strings, as views of the frame. */
  byteStrings(count: number): Uint8Array[] {
    const strings: Uint8Array[] = [];
    for (let index = 0; index < count && this.at >= 0; index++) {
      const length = this.head(Major.bytes);
      const begin = this.at;
      this.at += length;
      strings.push(this.frame.subarray(begin, this.at));
    }
    return strings;
  }

  private head(major: number): number {
    const { frame } = this;
    if (this.at < 0 || this.at >= frame.length) return Number(this.break());
    const first = frame[this.at++] ?? 0;
    const info = first & 31;
    if (first >> 5 !== major || info > 26) return Number(this.break());
    if (info < 24) return info;
    const width = 1 << (info - 24);
    if (this.at + width > frame.length) return Number(this.break());
    const value = frame.readUIntBE(this.at, width);
    this.at += width;
    return value;
  }

  private wide(major: number): bigint {
    if (this.at + 9 > this.frame.length) return this.break();
    const value = this.frame.readBigUInt64BE(this.at + 1);
    this.at += 9;
    return BigInt.asIntN(64, major === Major.uint ? value : ~value);
  }

  private break(): bigint {
    this.at = BROKEN;
    return 0n;
  }
}
