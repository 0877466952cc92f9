import { lookup } from 'node:dns/promises';
import { RscError } from '@rsc/core/errors';
import { readToken } from '@rsc/core/token';
import { parseAddress, type Address } from '@rsc/core/transport/address';

/** Where a user wants calls to be executed. */
export interface Destination {
  readonly server?: string | undefined;
  readonly embedded?: string | undefined;
  readonly 'token-file'?: string | undefined;
}

/** A server for a session, and how to be done with it. */
export interface Reached {
  /** What it is called in front of the user. */
  readonly name: string;
  readonly address: Address;
  readonly token: string | undefined;
  leave(): Promise<void>;
}

/** Finds the server that a user names, or starts one inside. Rejects with RscError. */
export async function reach(request: Destination): Promise<Reached> {
  if (request.embedded !== undefined) {
    // Loaded when it is asked for: most runs have their server elsewhere.
    const { startEmbedded } = await import('./embedded.js');
    return { ...(await startEmbedded(request.embedded)), name: `the server inside, at ${request.embedded}` };
  }
  if (request.server === undefined) {
    throw new RscError(
      'RSC_ADDRESS_INVALID',
      'cannot open a session: no server was named',
      'name one with --server tcp://host:port or RSC_SERVER, or start one inside with --embedded DIR',
    );
  }
  return {
    name: request.server,
    address: await resolveHost(parseAddress(request.server), request.server),
    token: readToken(request['token-file']),
    leave: () => Promise.resolve(),
  };
}

/** The address with its host as a number. Rejects with RSC_CONNECT_FAILED. */
export async function resolveHost(address: Address, text: string): Promise<Address> {
  if (address.kind !== 'tcp') return address;
  try {
    return { ...address, host: (await lookup(address.host)).address };
  } catch (cause) {
    throw new RscError(
      'RSC_CONNECT_FAILED',
      `cannot connect to ${text}: the name ${address.host} has no address`,
      'check the name',
      { cause },
    );
  }
}
