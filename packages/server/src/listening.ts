import { once } from 'node:events';
import { createServer, type Server as NetServer } from 'node:net';
import { arrivalPath, type Address, type AddressOf } from '@rsc/core/transport/address';
import type { Acceptor } from './acceptor.js';
import { failed, unsafe } from './listen-errors.js';
import { isLoopback, numericAddress } from './loopback.js';
import { reasonOf } from './options.js';

/** How many strangers may be at the door at a time: connections without a session. More are closed at once. */
const MAX_ARRIVING = 256;
/** The file of a Unix socket is for its owner alone: to connect takes write permission (unix(7)). */
const UMASK_OWNER_ONLY = 0o177;

/** What listens, and the address that it has then. */
export interface Door {
  readonly acceptor: Acceptor;
  readonly address: Address;
}

/** Listens. Rejects with RSC_LISTEN_UNSAFE where others could reach a server without a token, and with RSC_LISTEN_FAILED. */
export async function listenOn(listen: Address, hasToken: boolean): Promise<Door> {
  switch (listen.kind) {
    case 'tcp':
      return listenOnTcp(listen, hasToken);
    case 'unix':
      return listenOnFile(listen, listen.path);
    case 'vsock+unix':
      // The file is its owner's, but every process of the VM comes through it.
      if (!hasToken) throw unsafe(listen, 'every process of the VM can reach it', 'unix:///path');
      return listenOnFile(listen, arrivalPath(listen));
    case 'vsock': {
      // Loaded where it is asked for: other servers need nothing native here.
      const { listenOnVsock } = await import('./vsock-listening.js');
      return listenOnVsock(listen, hasToken, MAX_ARRIVING);
    }
  }
}

/**
 * Paused: what a client sends after its hello is the executor's, so this process must not read it. Half open: who has said
 * all that it has to say can still be told something.
 */
function makeAcceptor(): NetServer {
  const acceptor = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true });
  acceptor.maxConnections = MAX_ARRIVING;
  return acceptor;
}

async function listenOnFile(listen: Address, path: string): Promise<Door> {
  const acceptor = makeAcceptor();
  const before = process.umask(UMASK_OWNER_ONLY);
  try {
    acceptor.listen(path); // binds before it returns
  } finally {
    process.umask(before);
  }
  await listening(acceptor, listen, `end the program that listens there; if none does: rm ${path}`);
  return { acceptor, address: listen };
}

async function listenOnTcp(listen: AddressOf<'tcp'>, hasToken: boolean): Promise<Door> {
  const host = await numericAddress(listen.host).catch((cause: unknown) => {
    throw failed(listen, `the name ${listen.host} has no address`, 'check the name', cause);
  });
  if (!hasToken && !isLoopback(host))
    throw unsafe(listen, 'other machines can reach it', 'tcp://127.0.0.1:7070');
  const acceptor = makeAcceptor();
  acceptor.listen({ host, port: listen.port });
  await listening(acceptor, listen, 'choose another port, or end the program that has this one');
  const bound = acceptor.address();
  const address = typeof bound === 'object' && bound !== null ? { ...listen, port: bound.port } : listen;
  return { acceptor, address };
}

async function listening(acceptor: NetServer, listen: Address, suggestion: string): Promise<void> {
  try {
    await once(acceptor, 'listening');
  } catch (cause) {
    throw failed(listen, `listen returned ${reasonOf(cause)}`, suggestion, cause);
  }
}
