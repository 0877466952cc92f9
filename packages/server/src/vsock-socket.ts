import { closeSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { errno, errnoName } from '@rsc/core/abi/errno';
import type { Wire } from '@rsc/core/tracer/kernel';
import type { Readiness, Sockets, VsockConnection } from '@rsc/core/transport/sockets';

const CHUNK_BYTES = 64 << 10; // as libuv reads

type Machine = Pick<Sockets, 'Readiness' | 'finishSending'> & Pick<Wire, 'receive' | 'send'>;

type Done = (error?: Error | null) => void;

/**
 * A vsock connection as a stream, which Node has none for. It behaves as a net.Socket that may be half open: while it
 * is paused it reads nothing, and to destroy it leaves the connection to who has another descriptor of it.
 */
export class VsockSocket extends Duplex {
  /** As child_process takes it for a child's. */
  readonly fd: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  private readonly readiness: Readiness;
  private wantsBytes = false;
  private unsent: { readonly bytes: Uint8Array; readonly done: Done } | undefined;

  constructor(
    private readonly machine: Machine,
    { socket, cid, port }: VsockConnection,
  ) {
    super({ highWaterMark: CHUNK_BYTES });
    this.fd = socket;
    this.remoteAddress = String(cid);
    this.remotePort = port;
    this.readiness = new machine.Readiness(socket, (readable, writable) => {
      if (writable) this.sendRest();
      if (readable && !this.destroyed) this.receive();
    });
  }

  override pause(): this {
    super.pause();
    return this.watch();
  }

  override resume(): this {
    super.resume();
    return this.watch();
  }

  override _read(): void {
    this.wantsBytes = true;
    this.watch();
  }

  override _write(bytes: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.unsent = { bytes, done };
    this.sendRest();
  }

  override _final(done: Done): void {
    const result = this.machine.finishSending(this.fd);
    // A peer that is gone needs no end.
    done(result < 0 && result !== -errno.ENOTCONN ? failure('shutdown', result) : null);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.readiness.close();
    closeSync(this.fd);
    done(error);
  }

  private watch(): this {
    if (!this.destroyed) this.readiness.want(this.wantsBytes && !this.isPaused(), this.unsent !== undefined);
    return this;
  }

  private receive(): void {
    if (!this.wantsBytes || this.isPaused()) return;
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    const got = this.machine.receive(this.fd, buffer, 0, buffer.length, false);
    if (got === -errno.EAGAIN) return;
    if (got < 0) return void this.destroy(failure('recv', got));
    this.wantsBytes = false;
    this.watch();
    this.push(got === 0 ? null : buffer.subarray(0, got));
  }

  private sendRest(): void {
    if (this.unsent === undefined) return;
    const { bytes, done } = this.unsent;
    const sent = this.machine.send(this.fd, bytes, 0, bytes.length);
    const isDone = sent < 0 || sent === bytes.length;
    this.unsent = isDone ? undefined : { bytes: bytes.subarray(sent), done };
    this.watch();
    if (isDone) done(sent < 0 ? failure('send', sent) : null);
  }
}

/** An error as those of Node's sockets are. */
function failure(syscall: string, result: number): NodeJS.ErrnoException {
  const code = errnoName(-result);
  return Object.assign(new Error(`${syscall} ${code}`), { errno: result, code, syscall });
}
