import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';

/** A connection of a client: a net.Socket, or what behaves as one. */
export interface Connection extends Duplex {
  /** Whose it is; undefined where that has no name. */
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/**
 * What listens, whatever the address: a net.Server, or what behaves as one. It emits `connection` with a Connection that is
 * paused, `error` when it could not take one, and `close` when it listens no more and all that it took are closed here.
 */
export interface Acceptor extends EventEmitter {
  readonly listening: boolean;
  close(): void;
}
