import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { encodeFrame, type ControlFrame } from '@rsc/core/protocol/frames';
import { codec } from '@rsc/core/protocol/cbor';
import type { Address } from '@rsc/core/transport/address';
import { dial } from './transports';

const DEADLINE_MS = 10_000;

/** A bare connection to a server: it says what a test tells it to, and keeps what it hears. */
export class Client {
  private received = Buffer.alloc(0);
  private readonly closed: Promise<unknown>;
  private readonly ended: Promise<unknown>;

  private constructor(private readonly socket: Duplex) {
    socket.on('data', (bytes) => (this.received = Buffer.concat([this.received, bytes])));
    socket.on('error', () => undefined); // close follows
    this.closed = once(socket, 'close');
    this.ended = Promise.race([new Promise((resolve) => socket.once('end', resolve)), this.closed]);
  }

  static async connect(address: Address): Promise<Client> {
    return new Client(await dial(address));
  }

  /** Connects and sends the bytes. */
  static async saying(address: Address, bytes: Uint8Array): Promise<Client> {
    const client = await Client.connect(address);
    client.write(bytes);
    return client;
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  send(frame: ControlFrame): void {
    this.write(encodeFrame(frame));
  }

  /** Says that nothing more comes, and listens on. */
  finish(): void {
    this.socket.end();
  }

  async leave(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  /** The next frame, decoded. Rejects when the connection ends before it, or at the deadline. */
  async next(): Promise<unknown> {
    return within('a frame', async () => {
      for (;;) {
        const end = this.received.length < 4 ? Infinity : 4 + this.received.readUInt32BE();
        if (this.received.length >= end) {
          const frame: unknown = codec.decode(this.received.subarray(4, end));
          this.received = this.received.subarray(end);
          return frame;
        }
        await Promise.race([
          once(this.socket, 'data'),
          this.closed.then(() => Promise.reject(new Error('the connection ended'))),
        ]);
      }
    });
  }

  /** All frames until the server closes. */
  async rest(): Promise<unknown[]> {
    await within('the end of the connection', () => this.ended);
    const frames: unknown[] = [];
    while (this.received.length > 0) frames.push(await this.next());
    this.socket.end();
    await this.closed;
    return frames;
  }
}

/** What `act` resolves to. Rejects at the deadline. */
export async function within<T>(what: string, act: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what} did not come within ${DEADLINE_MS} ms`));
    }, DEADLINE_MS);
  });
  try {
    return await Promise.race([act(), late]);
  } finally {
    clearTimeout(timer);
  }
}
