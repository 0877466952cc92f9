import { once } from 'node:events';
import { RscError } from '@rsc/core/errors';
import { encodeFrame } from '@rsc/core/protocol/frames';
import { MAX_FRAME, PROTOCOL_VERSION } from '@rsc/core/protocol/limits';
import type { Address } from '@rsc/core/transport/address';
import type { Logger } from 'pino';
import type { Acceptor, Connection } from './acceptor.js';
import { admit, serverArch } from './admission.js';
import { startExecutor, type Executor } from './executor.js';
import { readHello } from './greeting.js';
import { listenOn } from './listening.js';
import { checkRoot, DEFAULT_HELLO_TIMEOUT_MS, DEFAULT_MAX_SESSIONS, type ServerOptions } from './options.js';
import { turnAway } from './turn-away.js';

const SANDBOX_TIMEOUT_MS = 10_000;

/**
 * Starts a server. It listens, reads hellos, and starts an executor for each session, which gets the connection: calls
 * never pass through this process. Rejects with RscError: RSC_ROOT_INVALID, RSC_LISTEN_UNSAFE, RSC_LISTEN_FAILED.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  checkRoot(options.root);
  const { acceptor, address } = await listenOn(options.listen, options.token !== undefined);
  return new Server(acceptor, address, options);
}

/** A server that listens. */
export class Server {
  private readonly executors = new Set<Executor>();
  /** Connections that no executor has yet. */
  private readonly arriving = new Set<Connection>();
  private sessionCount = 0;

  /** `address` is where it listens; the port is the one that was taken. */
  constructor(
    private readonly acceptor: Acceptor,
    readonly address: Address,
    private readonly options: ServerOptions,
  ) {
    acceptor.on('connection', (socket: Connection) => void this.receive(socket));
    // As when descriptors run out: those who are here stay.
    acceptor.on('error', (error: Error) =>
      options.logger?.error({ err: error }, 'cannot accept a connection'),
    );
  }

  /** Takes no more sessions, and resolves when the last one has ended. */
  async drain(): Promise<void> {
    const closed = this.acceptor.listening ? once(this.acceptor, 'close') : undefined;
    this.acceptor.close();
    for (const socket of this.arriving) socket.destroy();
    await closed;
    while (this.executors.size > 0) await Promise.all([...this.executors].map(({ ended }) => ended));
  }

  /** Ends all sessions, and resolves when they have ended. */
  async close(): Promise<void> {
    for (const executor of this.executors) executor.kill();
    await this.drain();
  }

  private async receive(socket: Connection): Promise<void> {
    const log = this.options.logger?.child({ session: ++this.sessionCount, peer: peerOf(socket) });
    // Whoever waits for the socket sees its end.
    socket.on('error', (error) => log?.debug({ err: error }, 'the connection failed'));
    this.arriving.add(socket);
    try {
      await this.open(socket, log);
    } catch (error) {
      const { code, message } = error instanceof RscError ? error : bug(error);
      log?.warn({ code }, `session refused: ${message}`);
      turnAway(socket, { code, message }, this.arriving.has(socket));
    } finally {
      this.arriving.delete(socket);
    }
  }

  /** From the first byte of a client to its welcome. */
  private async open(socket: Connection, log: Logger | undefined): Promise<void> {
    const { token, root, readOnly = false, helloTimeoutMs = DEFAULT_HELLO_TIMEOUT_MS } = this.options;
    admit(await readHello(socket, helloTimeoutMs), token);
    this.checkRoom();
    // From here on the socket is the executor's. Nothing is awaited since the hello: no more bytes can have been read.
    this.arriving.delete(socket);
    const executor = startExecutor(socket, { root, readOnly, timeoutMs: SANDBOX_TIMEOUT_MS });
    this.executors.add(executor);
    const began = performance.now();
    void executor.ended.then((ending) => {
      this.executors.delete(executor);
      log?.info({ ...ending, ms: Math.round(performance.now() - began) }, 'session closed');
    });
    await executor.ready;
    log?.info({ twin: executor.pid }, 'session opened');
    const welcome = {
      type: 'welcome',
      protocol: PROTOCOL_VERSION,
      arch: serverArch,
      maxFrame: MAX_FRAME,
    } as const;
    // close(2) in this process leaves the connection to the executor as it is: it has a descriptor of its own.
    socket.write(encodeFrame(welcome), () => socket.destroy());
  }

  private checkRoom(): void {
    const { maxSessions = DEFAULT_MAX_SESSIONS } = this.options;
    if (this.executors.size < maxSessions) return;
    throw new RscError('RSC_SERVER_FULL', `the server takes ${maxSessions} sessions at a time, and has them`);
  }
}

function peerOf(socket: Connection): string {
  return socket.remoteAddress === undefined ? 'unix' : `${socket.remoteAddress}:${socket.remotePort ?? 0}`;
}

function bug(error: unknown): { readonly code: string; readonly message: string } {
  return { code: 'RSC_EXECUTOR_FAILED', message: `this is a bug of the server: ${String(error)}` };
}
