import { EventEmitter } from 'node:events';
import { closeSync } from 'node:fs';
import { errno, errnoName } from '@rsc/core/abi/errno';
import type { Wire } from '@rsc/core/tracer/kernel';
import type { AddressOf } from '@rsc/core/transport/address';
import type { Readiness, Sockets } from '@rsc/core/transport/sockets';
import type { Acceptor } from './acceptor.js';
import { VsockSocket } from './vsock-socket.js';

const BACKLOG = 511; // as net.Server's
/** How long nobody is accepted when a connection could not be: it waits in the queue, and would be told at once again. */
const PAUSE_MS = 100;

/** Listens on vsock, as net.Server does on what Node knows (decision 17). */
export class VsockAcceptor extends EventEmitter implements Acceptor {
  readonly address: AddressOf<'vsock'>;
  private readonly socket: number;
  private readonly readiness: Readiness;
  private readonly connections = new Set<VsockSocket>();
  private pausing: NodeJS.Timeout | undefined;
  private isListening = true;

  /** Listens from here on; port 0 takes a free one. Throws MachineError. */
  constructor(
    private readonly machine: Sockets & Wire,
    address: AddressOf<'vsock'>,
    private readonly maxConnections: number,
  ) {
    super();
    const { socket, port } = machine.listenVsock(address.cid, address.port, BACKLOG);
    this.socket = socket;
    this.address = { ...address, port };
    this.readiness = new machine.Readiness(socket, () => {
      this.accept();
    });
    this.readiness.want(true, false);
  }

  get listening(): boolean {
    return this.isListening;
  }

  close(): void {
    if (!this.isListening) return;
    this.isListening = false;
    clearTimeout(this.pausing);
    this.readiness.close();
    closeSync(this.socket);
    this.endWithLast();
  }

  private accept(): void {
    const accepted = this.machine.acceptVsock(this.socket);
    if (accepted === -errno.EAGAIN) return;
    if (typeof accepted === 'number') return void this.pauseFor(accepted);
    if (this.connections.size >= this.maxConnections) {
      closeSync(accepted.socket);
      return;
    }
    const connection = new VsockSocket(this.machine, accepted);
    this.connections.add(connection);
    connection.once('close', () => {
      this.connections.delete(connection);
      if (!this.isListening) this.endWithLast();
    });
    this.emit('connection', connection.pause());
  }

  private pauseFor(error: number): void {
    this.readiness.want(false, false);
    this.pausing = setTimeout(() => this.readiness.want(true, false), PAUSE_MS);
    this.emit('error', new Error(`accept ${errnoName(-error)}`));
  }

  private endWithLast(): void {
    if (this.connections.size === 0) process.nextTick(() => this.emit('close'));
  }
}
