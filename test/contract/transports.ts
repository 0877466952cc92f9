import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { native } from '@rsc/addon';
import { errnoName } from '@rsc/core/abi/errno';
import { isMachineError } from '@rsc/core/tracer/kernel';
import { arrivalPath, CID_LOCAL, type Address, type AddressOf } from '@rsc/core/transport/address';
import { VsockSocket } from '@rsc/server/vsock-socket';
import { askedTransport } from '../e2e/transport';

/** A way for clients to come to a server; the contract suites run over each. */
export interface Transport {
  readonly name: Address['kind'];
  /** What has to be done for it to be tried here; undefined: nothing. */
  readonly cure?: string;
  /** Whether a server listens there only with a token. */
  readonly needsToken?: true;
  /** An address to listen on, where nobody does; `folder` is for its files. */
  place(folder: string): Address;
  /** What a client gets where nobody listens any more. */
  readonly refusal: string;
}

export const transports: readonly Transport[] = [
  { name: 'tcp', place: () => ({ kind: 'tcp', host: '127.0.0.1', port: 0 }), refusal: 'ECONNREFUSED' },
  { name: 'unix', place: (folder) => ({ kind: 'unix', path: join(folder, 'socket') }), refusal: 'ENOENT' },
  {
    name: 'vsock',
    ...vsockCure(),
    place: () => ({ kind: 'vsock', cid: CID_LOCAL, port: 0 }),
    refusal: 'ECONNRESET',
  },
  {
    name: 'vsock+unix',
    needsToken: true,
    place: (folder) => ({ kind: 'vsock+unix', path: join(folder, 'vm'), port: 7070 }),
    refusal: 'ENOENT',
  },
];

function vsockCure(): { readonly cure?: string } {
  // Asked for, it is never pending.
  if (askedTransport === 'vsock') return {};
  return native().probeVsockLoopback() === 0 ? {} : { cure: 'modprobe vsock_loopback, or: make test-vm' };
}

/** A connection to a server that listens there; what comes from a VM is made as its hypervisor makes it. */
export async function dial(address: Address): Promise<Duplex> {
  if (address.kind === 'vsock') return dialVsock(address);
  const target = {
    tcp: (to: AddressOf<'tcp'>) => ({ host: to.host, port: to.port }),
    unix: ({ path }: AddressOf<'unix'>) => ({ path }),
    'vsock+unix': (to: AddressOf<'vsock+unix'>) => ({ path: arrivalPath(to) }),
  }[address.kind](address as never);
  const socket = connect({ ...target, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

/** The kernel takes the connection before the server does, so that this may wait for it. */
function dialVsock({ cid, port }: AddressOf<'vsock'>): Duplex {
  const machine = native();
  try {
    const socket = machine.connectVsock(CID_LOCAL, cid, port, 10_000);
    return new VsockSocket(machine, { socket, cid, port });
  } catch (error) {
    if (!isMachineError(error)) throw error;
    throw Object.assign(error, { code: errnoName(error.errno) });
  }
}
