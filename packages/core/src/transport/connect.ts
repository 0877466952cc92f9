import { isMachineError, type Wire } from '../tracer/kernel.js';
import { CID_ANY, CID_LOCAL, formatAddress, type Address, type AddressOf } from './address.js';
import { passHypervisor } from './hypervisor.js';
import { notAPeer, refusalOf } from './refusal.js';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * A connected, blocking socket, of which nothing has been read that is the session's. `address` is resolved: a TCP host is
 * a numeric address. Throws RSC_CONNECT_FAILED, and RSC_ADDRESS_INVALID for what can only be listened on.
 */
export function connect(wire: Wire, address: Address): number {
  try {
    return connectors[address.kind](wire, address as never);
  } catch (cause) {
    if (!isMachineError(cause)) throw cause;
    throw refusalOf(address, cause);
  }
}

const connectors: {
  readonly [Kind in Address['kind']]: (wire: Wire, address: AddressOf<Kind>) => number;
} = {
  tcp: (wire, { host, port }) => wire.connectTcp(host, port, CONNECT_TIMEOUT_MS),
  unix: (wire, { path }) => wire.connectUnix(path, CONNECT_TIMEOUT_MS),
  vsock: connectVsock,
  'vsock+unix': (wire, address) => {
    const socket = wire.connectUnix(address.path, CONNECT_TIMEOUT_MS);
    try {
      passHypervisor(wire, socket, formatAddress(address), address.port);
    } catch (error) {
      wire.hangUp(socket);
      throw error;
    }
    return socket;
  },
};

function connectVsock(wire: Wire, address: AddressOf<'vsock'>): number {
  const { cid, port } = address;
  if (cid === CID_ANY) throw notAPeer(address);
  // Without a loopback the kernel sends what is for CID 1 to the hypervisor (net/vmw_vsock/af_vsock.c,
  // vsock_assign_transport). A socket that has the loopback's CID itself cannot be had then.
  const from = cid === CID_LOCAL ? CID_LOCAL : CID_ANY;
  return wire.connectVsock(from, cid, port, CONNECT_TIMEOUT_MS);
}
