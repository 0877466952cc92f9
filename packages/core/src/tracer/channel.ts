import { RscError } from '../errors.js';
import { MAX_FRAME } from '../protocol/limits.js';
import { frameLength, LENGTH_BYTES } from '../protocol/frames.js';
import { errnoName } from '../abi/errno.js';
import type { FrameWriter } from './frame-writer.js';
import type { Wire } from './kernel.js';

const EAGAIN = -11;
const EPIPE = -32;

const closed = 'it closed the connection';

/** The tracer's end of a session's connection: whole frames in and out, by blocking calls. */
export class Channel {
  /** Room for two frames: the one that is being taken apart, and the start of the next. It grows while sending waits. */
  private inbox = Buffer.allocUnsafeSlow(2 * (MAX_FRAME + LENGTH_BYTES));
  /** Frames that came while another one was awaited. */
  private readonly setAside: Buffer[] = [];
  private start = 0;
  private end = 0;
  private isInterrupting = false;

  /** Whether the connection is lost: nothing is sent any more, and nothing comes. */
  isLost = false;
  /** What is done then. It throws, where nobody goes on without the server. */
  whenLost = (error: RscError): void => {
    throw error;
  };

  constructor(
    private readonly wire: Wire,
    readonly socket: number,
    private readonly peer: string,
  ) {}

  /**
   * Whether frames that arrive interrupt a wait for tracees. Off while nobody waits for both: the signal would come with
   * every answer that is there before it is asked for.
   */
  set interrupting(on: boolean) {
    if (on === this.isInterrupting) return;
    this.isInterrupting = on;
    this.wire.setInterrupting(this.socket, on);
  }

  /** Sends the frames that are ready in `writer`. */
  sendAll(writer: FrameWriter): void {
    this.send(writer.buffer, writer.ready);
    writer.clear();
  }

  /** Sends bytes 0 to `length` of `frame`. Throws what `whenLost` does. */
  send(frame: Uint8Array, length: number): void {
    for (let sent = 0; !this.isLost;) {
      const taken = this.wire.send(this.socket, frame, sent, length - sent);
      if (taken < 0) return void this.lose(taken === EPIPE ? closed : errnoName(-taken));
      sent += taken;
      if (sent === length) return;
      // The peer may be waiting for us to take its answers before it takes more calls.
      this.wire.awaitWritable(this.socket);
      this.fill(false);
    }
  }

  /**
   * Receives what there is, or waits for it (at most the socket's receive timeout). False when nothing came. Frames that
   * were taken before are overwritten. Throws what `whenLost` does.
   */
  fill(block: boolean): boolean {
    if (this.isLost) return false;
    if (this.start > 0) {
      this.inbox.copyWithin(0, this.start, this.end);
      this.end -= this.start;
      this.start = 0;
    }
    if (this.end === this.inbox.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.inbox.length);
      this.inbox.copy(larger);
      this.inbox = larger;
    }
    const got = this.wire.receive(this.socket, this.inbox, this.end, this.inbox.length - this.end, block);
    if (got === EAGAIN) return false;
    if (got <= 0) return this.lose(got === 0 ? closed : errnoName(-got));
    this.end += got;
    return true;
  }

  /**
   * Waits for the frame that `isWanted` knows; those that come before it are what `take` gives next. Undefined when the
   * connection is lost.
   */
  await(isWanted: (frame: Buffer) => boolean): Buffer | undefined {
    while (!this.isLost) {
      const frame = this.takeReceived();
      if (frame === undefined) this.fillNow();
      else if (isWanted(frame)) return frame;
      else this.setAside.push(Buffer.from(frame));
    }
    return undefined;
  }

  /** Receives more, and waits for it without heed to tracees. */
  private fillNow(): void {
    this.wire.awaitReadable(this.socket);
    this.fill(false);
  }

  /** Whether a whole frame has been received: while sending waited, for which no interrupt will come any more. */
  get hasFrame(): boolean {
    return this.setAside.length > 0 || this.wholeFrame() !== undefined;
  }

  /** The next whole frame that has been received, without its length; a view that `fill` overwrites. */
  take(): Buffer | undefined {
    return this.setAside.shift() ?? this.takeReceived();
  }

  private takeReceived(): Buffer | undefined {
    const length = this.wholeFrame();
    if (length === undefined) return undefined;
    const begin = this.start + LENGTH_BYTES;
    this.start = begin + length;
    return this.inbox.subarray(begin, this.start);
  }

  /** The length of the frame that begins what has been received, if all of it is there. */
  private wholeFrame(): number | undefined {
    if (this.end - this.start < LENGTH_BYTES) return undefined;
    const length = frameLength(this.inbox.subarray(this.start, this.end), MAX_FRAME);
    return length !== undefined && this.end - this.start >= LENGTH_BYTES + length ? length : undefined;
  }

  /** The memory that the views of `take` lie in. */
  get bytes(): Uint8Array {
    return this.inbox;
  }

  private lose(reason: string): false {
    this.isLost = true;
    this.whenLost(new RscError('RSC_CONNECTION_LOST', `lost the connection to ${this.peer}: ${reason}`));
    return false;
  }
}
