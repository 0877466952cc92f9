import { statSync } from 'node:fs';
import { RscError } from '@rsc/core/errors';
import type { Address } from '@rsc/core/transport/address';
import type { Logger } from 'pino';

/** How a server is set up. */
export interface ServerOptions {
  /** Where to listen; TCP port 0 takes a free one. */
  readonly listen: Address;
  /** The directory that sessions see as `/`. */
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

export const DEFAULT_LISTEN = 'tcp://127.0.0.1:7070';
export const DEFAULT_MAX_SESSIONS = 64;
export const DEFAULT_HELLO_TIMEOUT_MS = 10_000;

/** Throws RSC_ROOT_INVALID for what no session can have as its root. */
export function checkRoot(root: string): void {
  const flaw = flawOfRoot(root);
  if (flaw === undefined) return;
  throw new RscError(
    'RSC_ROOT_INVALID',
    `cannot serve ${root}: ${flaw}`,
    'name an existing directory, which sessions shall see as /',
  );
}

function flawOfRoot(root: string): string | undefined {
  try {
    return statSync(root).isDirectory() ? undefined : 'it is not a directory';
  } catch (error) {
    const code = reasonOf(error);
    return code === 'ENOENT' ? 'no such directory' : `stat returned ${code}`;
  }
}

/** What an error of Node's says in one word where it can: its errno's name. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
