import { RscError } from '../errors.js';
import { PROTOCOL_VERSION } from '../protocol/limits.js';
import type { Address } from '../transport/address.js';
import type { Wire } from '../tracer/kernel.js';
import { openSession } from '../tracer/session.js';
import type { Fact } from './fact.js';

/** How to come to the server that is asked about. */
export interface ServerRequest {
  /** As the user wrote it. */
  readonly url: string;
  readonly arch: string;
  readonly token: string | undefined;
  /** Rejects with an RscError where the host has no address. */
  resolve(): Promise<Address>;
}

/** Opens a session with a server, and ends it: whether it is there, and speaks as rsc does here. */
export async function serverFact(wire: Wire, { url, arch, token, resolve }: ServerRequest): Promise<Fact> {
  const fact = { name: 'server', needed: true };
  try {
    const { socket } = openSession(wire, { address: await resolve(), arch, token });
    wire.hangUp(socket);
  } catch (error) {
    if (!(error instanceof RscError)) throw error;
    return { ...fact, allowed: false, means: error.message, ...remedyOf(error) };
  }
  return {
    ...fact,
    allowed: true,
    means: `${url} opens sessions, with protocol version ${PROTOCOL_VERSION} on ${arch}`,
  };
}

function remedyOf({ suggestion }: RscError): { readonly remedy?: string } {
  return suggestion === undefined ? {} : { remedy: suggestion };
}
