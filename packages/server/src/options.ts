import { isIP } from 'node:net';
import { statSync } from 'node:fs';
import { RscError } from '@rsc/core/errors';
import { formatAddress, type Address } from '@rsc/core/transport/address';
import type { Logger } from 'pino';

/** How a server is set up. */
export interface ServerOptions {
  /** Where to listen; TCP port 0 takes a free one. */
  readonly listen: Address;
  /** The folder that sessions see as `/`. */
  readonly root: string;
  /** What clients have to say; undefined: nothing. */
  readonly token?: string | undefined;
  readonly readOnly?: boolean;
  readonly maxSessions?: number;
  /** How long a client may take to say hello, in ms. */
  readonly helloTimeoutMs?: number;
  /** Where sessions are told of; undefined: nowhere. */
  readonly logger?: Logger | undefined;
}

export const DEFAULT_MAX_SESSIONS = 64;
export const DEFAULT_HELLO_TIMEOUT_MS = 10_000;

/** Throws RSC_ROOT_INVALID or RSC_LISTEN_UNSAFE for options that no server can be started with. */
export function checkOptions({ listen, root, token }: ServerOptions): void {
  const folder = statSync(root, { throwIfNoEntry: false });
  if (!folder?.isDirectory()) {
    throw new RscError(
      'RSC_ROOT_INVALID',
      `cannot serve ${root}: ${folder ? 'it is not a directory' : 'no such directory'}`,
      'name the directory that sessions shall see as /',
    );
  }
  if (listen.kind === 'tcp' && token === undefined && !isLoopback(listen.host)) {
    throw new RscError(
      'RSC_LISTEN_UNSAFE',
      `cannot listen on ${formatAddress(listen)} without a token: others can reach it`,
      'give a token with --token-file FILE, or listen on tcp://127.0.0.1:PORT',
    );
  }
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
