import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '@rsc/server';
import type { Address } from '@rsc/core/transport/address';

/** A server in this process, for one run. */
export interface Embedded {
  readonly address: Address;
  readonly token: undefined;
  leave(): Promise<void>;
}

/**
 * Starts a server whose sessions are confined to `root`. It listens on a socket in a folder that only this user can
 * enter, which stands in place of a token. Throws RscError.
 */
export async function startEmbedded(root: string): Promise<Embedded> {
  const folder = await mkdtemp(join(tmpdir(), 'rsc-'));
  const address: Address = { kind: 'unix', path: join(folder, 'socket') };
  try {
    const server = await startServer({ listen: address, root, maxSessions: 1 });
    return {
      address,
      token: undefined,
      async leave() {
        await server.close();
        await rm(folder, { recursive: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
}
