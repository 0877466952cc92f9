import { native } from '@rsc/addon';
import { errno, errnoName } from '@rsc/core/abi/errno';
import { isMachineError, type MachineError } from '@rsc/core/tracer/kernel';
import { CID_LOCAL, type AddressOf } from '@rsc/core/transport/address';
import { noLoopback, noSockets } from '@rsc/core/transport/refusal';
import { failed, unsafe } from './listen-errors.js';
import type { Door } from './listening.js';
import { VsockAcceptor } from './vsock-acceptor.js';

/**
 * Listens on vsock. Only the loopback's CID is reached from this machine alone: on all others virtual machines, or their
 * host, can connect. Throws RSC_LISTEN_UNSAFE, RSC_LISTEN_FAILED.
 */
export function listenOnVsock(listen: AddressOf<'vsock'>, hasToken: boolean, maxConnections: number): Door {
  if (!hasToken && listen.cid !== CID_LOCAL)
    throw unsafe(listen, 'other machines can reach it', `vsock://${CID_LOCAL}:7070`);
  try {
    const acceptor = new VsockAcceptor(native(), listen, maxConnections);
    return { acceptor, address: acceptor.address };
  } catch (cause) {
    if (!isMachineError(cause)) throw cause;
    const { because, cure } = reasonOf(listen, cause);
    const call = `${cause.step} returned ${errnoName(cause.errno)}`;
    throw failed(listen, because === undefined ? call : `${because}: ${call}`, cure, cause);
  }
}

function reasonOf(
  { cid, port }: AddressOf<'vsock'>,
  { step, errno: error }: MachineError,
): { readonly because?: string; readonly cure: string } {
  if (step === 'socket') return noSockets(error);
  switch (error) {
    case errno.EADDRNOTAVAIL:
      return cid === CID_LOCAL ? noLoopback : notOurs(cid, port);
    case errno.EACCES:
      return {
        because: 'ports below 1024 are for root',
        cure: 'choose another port, or run the server as root',
      };
    default:
      return { cure: 'choose another port, or end the program that has this one' };
  }
}

function notOurs(cid: number, port: number): { readonly because: string; readonly cure: string } {
  const own = native().vsockCid();
  const telling = own > CID_LOCAL && own < 0xffff_ffff ? `, or on vsock://${own}:${port}` : '';
  return { because: `this machine has no CID ${cid}`, cure: `listen on vsock://any:${port}${telling}` };
}
