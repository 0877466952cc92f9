import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { AddressInfo, createServer, connect, Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import type * as CborX from 'cbor-x' with { 'resolution-mode': 'import' };
import { Argument, marshal } from './twin-memory';

/* cbor-x declares its types for ES modules alone; it has a CommonJS build all the same. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { Encoder } = require('cbor-x') as typeof CborX;
const codec = new Encoder({ tagUint8Array: false, useRecords: false });

const ADDON = join(__dirname, '../../../addon');

/** The executor of this checkout; `RSC_TWIN` names another one, as a build with sanitizers. */
export function executorPath(): string {
  const places = [
    process.env['RSC_TWIN'],
    join(ADDON, 'build/Release/rsc-twin'),
    join(ADDON, `prebuilds/linux-${process.arch}/rsc-twin`),
  ];
  const found = places.find((place) => place !== undefined && existsSync(place));
  if (!found) throw new Error('cannot find rsc-twin: build it by `npx node-gyp rebuild` in addon/');
  return found;
}

export interface Reply {
  readonly result: number;
  readonly bytes: readonly Buffer[];
}

export interface CallOptions {
  readonly stream?: number;
  readonly twin?: number;
  readonly blocking?: number;
}

export interface SessionOptions {
  readonly root: string;
  readonly allow: readonly number[];
  readonly readOnly?: boolean;
  /** Run it as this user and group. */
  readonly uid?: number;
  readonly executor?: string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A frame's bytes with their length prefix. */
export function framed(body: Uint8Array, length = body.length): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(length);
  return Buffer.concat([prefix, body]);
}

export const encode = (frame: unknown): Buffer => codec.encode(frame);

export function callFrame(number: number, args: readonly Argument[], options: CallOptions = {}): unknown[] {
  return [1, options.stream ?? 1, options.twin ?? 0, number, options.blocking ?? 0, ...marshal(args)];
}

function executorArguments(options: SessionOptions): string[] {
  const fixed = ['--socket', '3', '--control', '4', '--root', options.root, '--allow', options.allow.join()];
  return options.readOnly ? [...fixed, '--read-only'] : fixed;
}

/** A session with a real executor on a real connection. */
export class Session {
  /** How the executor ended. */
  readonly ended: Promise<Ended>;
  /** What it wrote to its standard output and error. */
  readonly output: Promise<string>;
  /** The code and message of its `failure`; undefined when the connection ended without one. */
  readonly failure: Promise<string | undefined>;

  private readonly replies = new Map<number, (reply: Reply) => void>();
  private readonly pongs = new Map<number, () => void>();
  private received = Buffer.alloc(0);
  private failed: string | undefined;
  private lastToken = 0;
  private curious = true;

  private constructor(
    readonly child: ChildProcess,
    private readonly socket: Socket,
  ) {
    this.ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
    this.output = Promise.all([text(child.stdout as Readable), text(child.stderr as Readable)]).then(
      (parts) => parts.join(''),
    );
    this.failure = once(socket, 'close').then(() => this.failed);
    socket.on('data', (data) => this.receive(data));
    socket.on('error', () => undefined); // 'close' follows
  }

  /** Starts the executor. Rejects with its line when it is not ready. */
  static async start(options: SessionOptions): Promise<Session> {
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1').setNoDelay();
    const [accepted] = (await once(server, 'connection')) as [Socket];
    server.close();
    const child = spawn(options.executor ?? executorPath(), executorArguments(options), {
      stdio: ['ignore', 'pipe', 'pipe', accepted, 'pipe'],
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    accepted.destroy();
    const session = new Session(child, client);
    const line = await text(child.stdio[4] as Readable);
    if (line === 'ready\n') return session;
    client.destroy();
    throw new Error(line || (await session.output));
  }

  call(number: number, args: readonly Argument[] = [], options: CallOptions = {}): Promise<Reply> {
    const stream = options.stream ?? 1;
    const reply = new Promise<Reply>((resolve) => this.replies.set(stream, resolve));
    this.send(callFrame(number, args, options));
    return reply;
  }

  fork(parent: number, child: number, share = 0): void {
    this.send([3, parent, child, share]);
  }

  exit(twin: number): void {
    this.send([4, twin]);
  }

  cancel(stream: number): void {
    this.send([5, stream]);
  }

  /** Resolves when the executor has dealt with all earlier frames, except for calls that block. */
  ping(): Promise<void> {
    const token = ++this.lastToken;
    const pong = new Promise<void>((resolve) => this.pongs.set(token, resolve));
    this.send([6, token]);
    return pong;
  }

  send(frame: unknown): void {
    this.write(framed(encode(frame)));
  }

  write(bytes: Uint8Array): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  /** Sends what is written, and no more. */
  finish(): void {
    this.socket.end();
  }

  /** From now on answers to frames that nobody remembers are in order. */
  ignoreStrangers(): void {
    this.curious = false;
  }

  /** Is a call of this stream unanswered? */
  isWaiting(stream: number): boolean {
    return this.replies.has(stream);
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.ended;
  }

  private receive(data: Buffer): void {
    this.received = Buffer.concat([this.received, data]);
    while (this.received.length >= 4) {
      const end = 4 + this.received.readUInt32BE(0);
      if (this.received.length < end) return;
      this.take(codec.decode(this.received.subarray(4, end)));
      this.received = this.received.subarray(end);
    }
  }

  private take([type, ...fields]: unknown[]): void {
    if (type === 2) {
      const [stream, result, ...bytes] = fields as [number, number, ...Uint8Array[]];
      this.settle(this.replies, stream, {
        result: Number(result),
        bytes: bytes.map((part) => Buffer.from(part)),
      });
    } else if (type === 7) this.settle(this.pongs, fields[0] as number, undefined);
    else if (type === 9) this.failed = fields.join(': ');
    else throw new Error(`the executor sent a frame of type ${String(type)}`);
  }

  private settle<T>(waiting: Map<number, (value: T) => void>, key: number, value: T): void {
    const resolve = waiting.get(key);
    if (!resolve && this.curious) throw new Error(`the executor answered ${key}, which nobody asked`);
    waiting.delete(key);
    resolve?.(value);
  }
}
