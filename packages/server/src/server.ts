import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import type { ChildProcess } from 'node:child_process';
import { RscError } from '@rsc/core/errors';
import { encodeFrame } from '@rsc/core/protocol/frames';
import { MAX_FRAME, PROTOCOL_VERSION } from '@rsc/core/protocol/limits';
import { formatAddress, type Address } from '@rsc/core/transport/address';
import { admit, serverArch } from './admission.js';
import { startExecutor } from './executor.js';
import { readHello } from './greeting.js';
import { checkOptions, DEFAULT_HELLO_TIMEOUT_MS, DEFAULT_MAX_SESSIONS, type ServerOptions } from './options.js';

/**
 * Starts a server. It listens, says hello, and starts an executor for each session, to which it hands the socket: calls never
 * pass through this process. Rejects with RscError: RSC_ROOT_INVALID, RSC_LISTEN_UNSAFE, RSC_LISTEN_FAILED.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  checkOptions(options);
  const server = new Server(options);
  await server.listen();
  return server;
}

export class Server {
  private readonly sessions = new Map<number, ChildProcess>();
  /** Sessions that are being opened: they count, and are ended with the server. */
  private readonly arriving = new Set<Socket>();
  private readonly acceptor: NetServer;
  private nextSession = 1;
  private whenEmpty: (() => void) | undefined;

  constructor(private readonly options: ServerOptions) {
    // Paused: what a client sends after its hello is the executor's, so this process must not read it.
    this.acceptor = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      void this.welcome(socket);
    });
  }

  /** Where it listens; the port is the one that was taken. */
  get address(): Address {
    const bound = this.acceptor.address();
    const { listen } = this.options;
    if (listen.kind === 'unix' || bound === null || typeof bound === 'string') return listen;
    return { ...listen, port: bound.port };
  }

  async listen(): Promise<void> {
    const { listen } = this.options;
    const target = listen.kind === 'unix' ? { path: listen.path } : { host: listen.host, port: listen.port };
    try {
      this.acceptor.listen(target);
      await once(this.acceptor, 'listening');
    } catch (cause) {
      throw new RscError(
        'RSC_LISTEN_FAILED',
        `cannot listen on ${formatAddress(listen)}: ${cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)}`,
        'choose another address, or end the program that has it',
        { cause },
      );
    }
    if (listen.kind === 'unix') chmodSync(listen.path, 0o600);
  }

  /** Takes no more sessions, and resolves when the last one has ended. */
  async drain(): Promise<void> {
    this.acceptor.close();
    for (const socket of this.arriving) socket.destroy();
    if (this.sessions.size === 0) return;
    await new Promise<void>((resolve) => (this.whenEmpty = resolve));
  }

  /** Ends all sessions, and resolves when they have ended. */
  async close(): Promise<void> {
    for (const executor of this.sessions.values()) executor.kill('SIGKILL');
    await this.drain();
  }

  private async welcome(socket: Socket): Promise<void> {
    const { token, root, readOnly = false, helloTimeoutMs = DEFAULT_HELLO_TIMEOUT_MS, logger } = this.options;
    const session = this.nextSession++;
    const log = logger?.child({ session, peer: peerOf(socket) });
    // What goes wrong with the socket is told by whoever waits for it.
    socket.on('error', (error) => log?.debug({ err: error }, 'the connection failed'));
    this.arriving.add(socket);
    try {
      const hello = await readHello(socket, helloTimeoutMs);
      admit(hello, token);
      this.checkRoom();
      const executor = await startExecutor(socket, { root, readOnly });
      this.sessions.set(session, executor);
      const began = performance.now();
      executor.once('exit', (status, signal) => {
        this.sessions.delete(session);
        log?.info({ ms: Math.round(performance.now() - began), status, signal }, 'session closed');
        if (this.sessions.size === 0) this.whenEmpty?.();
      });
      log?.info({ twin: executor.pid }, 'session opened');
      const welcome = { type: 'welcome', protocol: PROTOCOL_VERSION, arch: serverArch, maxFrame: MAX_FRAME } as const;
      // The executor has the socket now: closing this process's descriptor leaves the connection as it is.
      socket.write(encodeFrame(welcome), () => socket.destroy());
    } catch (error) {
      const { code, message } = error instanceof RscError ? error : bug(error);
      log?.warn({ code }, `session refused: ${message}`);
      socket.end(encodeFrame({ type: 'failure', code, message }), () => socket.destroy());
    } finally {
      this.arriving.delete(socket);
    }
  }

  private checkRoom(): void {
    const { maxSessions = DEFAULT_MAX_SESSIONS } = this.options;
    if (this.sessions.size < maxSessions) return;
    throw new RscError('RSC_SERVER_FULL', `the server has ${maxSessions} sessions, and takes no more at a time`);
  }
}

function peerOf(socket: Socket): string {
  return socket.remoteAddress === undefined ? 'unix' : `${socket.remoteAddress}:${socket.remotePort ?? 0}`;
}

function bug(error: unknown): { readonly code: string; readonly message: string } {
  return { code: 'RSC_EXECUTOR_FAILED', message: `this is a bug of the server: ${String(error)}` };
}
