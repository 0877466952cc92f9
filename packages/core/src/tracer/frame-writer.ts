/**
 * Writes one frame into a buffer that is used again and again: CBOR heads (RFC 8949 section 3) and, at known places,
 * room for bytes that come straight out of the tracee's memory. For the call frame only, whose payload must not be
 * copied once more; all other frames go through the codec of protocol/frames.ts.
 */
const Major = { uint: 0, bytes: 2, array: 4 } as const;
const LENGTH_BYTES = 4;

export class FrameWriter {
  /** The whole frames that wait to be sent: bytes 0 to `ready`. */
  readonly buffer: Buffer;
  ready = 0;
  /** Where the frame that is being written ends. */
  private end = LENGTH_BYTES;

  constructor(capacity: number) {
    this.buffer = Buffer.allocUnsafeSlow(capacity);
  }

  /** Begins a frame; one that was begun and not finished is forgotten. */
  begin(): void {
    this.end = this.ready + LENGTH_BYTES;
  }

  uint(value: number): void {
    this.head(Major.uint, value);
  }

  array(items: number): void {
    this.head(Major.array, items);
  }

  /** The head of a byte string; returns the offset at which its `length` bytes belong. */
  bytes(length: number): number {
    this.head(Major.bytes, length);
    const offset = this.end;
    this.end += length;
    return offset;
  }

  /** Writes the length prefix; the frame is then whole. */
  finish(): void {
    this.buffer.writeUInt32BE(this.end - this.ready - LENGTH_BYTES, this.ready);
    this.ready = this.end;
  }

  /** The frames have been sent. */
  clear(): void {
    this.ready = 0;
  }

  private head(major: number, value: number): void {
    const first = major << 5;
    if (value < 24) {
      this.buffer[this.end++] = first | value;
    } else if (value < 0x100) {
      this.buffer[this.end++] = first | 24;
      this.buffer[this.end++] = value;
    } else if (value < 0x10000) {
      this.buffer[this.end++] = first | 25;
      this.end = this.buffer.writeUInt16BE(value, this.end);
    } else if (value <= 0xffffffff) {
      this.buffer[this.end++] = first | 26;
      this.end = this.buffer.writeUInt32BE(value, this.end);
    } else {
      this.buffer[this.end++] = first | 27;
      this.end = this.buffer.writeBigUInt64BE(BigInt(value), this.end);
    }
  }
}
