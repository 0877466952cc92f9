import { once } from 'node:events';
import type { Server as NetServer } from 'node:net';
import { RscError } from '@rsc/core/errors';
import { formatAddress, type Address } from '@rsc/core/transport/address';
import { isLoopback, numericAddress } from './loopback.js';
import { reasonOf } from './options.js';

/** The file of a Unix socket is for its owner alone: to connect takes write permission (unix(7)). */
const UMASK_OWNER_ONLY = 0o177;

/**
 * Lets `acceptor` listen, and resolves to the address that it has then. Rejects with RSC_LISTEN_UNSAFE where others
 * could reach a server without a token, and with RSC_LISTEN_FAILED.
 */
export async function listenOn(acceptor: NetServer, listen: Address, hasToken: boolean): Promise<Address> {
  return listen.kind === 'unix' ? listenOnUnix(acceptor, listen) : listenOnTcp(acceptor, listen, hasToken);
}

async function listenOnUnix(
  acceptor: NetServer,
  listen: Address & { readonly kind: 'unix' },
): Promise<Address> {
  const before = process.umask(UMASK_OWNER_ONLY);
  try {
    acceptor.listen(listen.path); // binds before it returns
  } finally {
    process.umask(before);
  }
  await listening(acceptor, listen, `end the program that listens there; if none does: rm ${listen.path}`);
  return listen;
}

async function listenOnTcp(
  acceptor: NetServer,
  listen: Address & { readonly kind: 'tcp' },
  hasToken: boolean,
): Promise<Address> {
  const host = await numericAddress(listen.host).catch((cause: unknown) => {
    throw failed(listen, `the name ${listen.host} has no address`, 'check the name', cause);
  });
  if (!hasToken && !isLoopback(host)) {
    throw new RscError(
      'RSC_LISTEN_UNSAFE',
      `cannot listen on ${formatAddress(listen)} without a token: other machines can reach it`,
      'give a token with --token-file FILE, or listen on tcp://127.0.0.1:7070',
    );
  }
  acceptor.listen({ host, port: listen.port });
  await listening(acceptor, listen, 'choose another port, or end the program that has this one');
  const bound = acceptor.address();
  return typeof bound === 'object' && bound !== null ? { ...listen, port: bound.port } : listen;
}

async function listening(acceptor: NetServer, listen: Address, suggestion: string): Promise<void> {
  try {
    await once(acceptor, 'listening');
  } catch (cause) {
    throw failed(listen, `listen returned ${reasonOf(cause)}`, suggestion, cause);
  }
}

function failed(listen: Address, reason: string, suggestion: string, cause: unknown): RscError {
  return new RscError(
    'RSC_LISTEN_FAILED',
    `cannot listen on ${formatAddress(listen)}: ${reason}`,
    suggestion,
    { cause },
  );
}
