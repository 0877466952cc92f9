/**
 * What listening on vsock needs of a machine, which Node cannot do with this family. @rsc/addon implements it; nothing here
 * decides. Unless said otherwise a function returns 0 or a count, or a negated errno.
 */
export interface Sockets {
  /** A listening socket that does not block, and its port: with port 0 a free one. Throws MachineError. */
  listenVsock(cid: number, port: number, backlog: number): { readonly socket: number; readonly port: number };
  /** The next connection, and whose it is; a negated errno when there is none. */
  acceptVsock(socket: number): VsockConnection | number;
  /** The peer sees the end of the stream, and may go on sending. */
  finishSending(socket: number): number;
  /** Tells when a descriptor can be read or written. */
  readonly Readiness: new (
    descriptor: number,
    ready: (readable: boolean, writable: boolean) => void,
  ) => Readiness;
}

export interface VsockConnection {
  readonly socket: number;
  readonly cid: number;
  readonly port: number;
}

/** What waits for a descriptor in the event loop, and holds up the end of the process while it does. */
export interface Readiness {
  /** What is waited for from now on. As long as it is there, it is told again and again. */
  want(readable: boolean, writable: boolean): number;
  /** To be called before the descriptor is closed. */
  close(): void;
}
