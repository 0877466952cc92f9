import { errno, errnoName } from '../abi/errno.js';
import { RscError } from '../errors.js';
import type { MachineError } from '../tracer/kernel.js';
import { CID_LOCAL, formatAddress, type Address, type AddressOf } from './address.js';

const CID_HOST = 2;

/** Why a connection could not be had, and what to do: RSC_CONNECT_FAILED. */
export function refusalOf(address: Address, cause: MachineError): RscError {
  const { because, cure } = reasonOf(address, cause);
  const call = `${cause.step} returned ${errnoName(cause.errno)}`;
  return new RscError(
    'RSC_CONNECT_FAILED',
    `cannot connect to ${formatAddress(address)}: ${because === undefined ? call : `${because}: ${call}`}`,
    cure,
    { cause },
  );
}

/** That an address is of those that are only listened on: RSC_ADDRESS_INVALID. */
export function notAPeer({ port }: AddressOf<'vsock'>): RscError {
  return new RscError(
    'RSC_ADDRESS_INVALID',
    `cannot connect to vsock://any:${port}: any is every CID of the machine that listens, and of no other`,
    `name the CID of the server's machine, as vsock://${CID_HOST}:${port} for the host of this VM`,
  );
}

interface Reason {
  /** What the errno means here; undefined where it says that itself. */
  readonly because?: string;
  readonly cure: string;
}

const nobodyListens: Reason = { cure: 'start a server there: rsc serve --listen ADDRESS --root DIR' };

function reasonOf(address: Address, cause: MachineError): Reason {
  if (address.kind === 'vsock') return vsockReason(address, cause);
  return address.kind === 'vsock+unix' ? noHypervisor : nobodyListens;
}

const noHypervisor: Reason = {
  cure: 'start the VM: its hypervisor makes the socket, as of --vsock or --vm uds-path=PATH',
};

function vsockReason({ cid, port }: AddressOf<'vsock'>, { step, errno: error }: MachineError): Reason {
  if (step === 'socket') return noSockets(error);
  if (step === 'bind') return noLoopback;
  switch (error) {
    // As it is for a port of TCP (virtio_transport_reset_no_sock).
    case errno.ECONNRESET:
      return { because: 'nothing listens there', ...serverAt(cid, port) };
    case errno.ENODEV:
    case errno.ENETUNREACH:
      return { because: `no way leads to CID ${cid}`, cure: wayTo(cid) };
    case errno.ETIMEDOUT:
      return { because: `CID ${cid} does not answer`, cure: `check that the VM with CID ${cid} runs` };
    default:
      return nobodyListens;
  }
}

/** The family is not there, or is not for everybody. */
export function noSockets(error: number): Reason {
  return error === errno.EPERM || error === errno.EACCES
    ? {
        because: 'this process may not make vsock sockets',
        cure: "allow AF_VSOCK in the seccomp profile of the container; Docker's own forbids it",
      }
    : { because: 'this kernel has no vsock sockets', cure: 'modprobe vsock' };
}

/** A socket cannot have CID 1. */
export const noLoopback: Reason = {
  because: 'this machine has no vsock loopback',
  cure: 'modprobe vsock_loopback',
};

function serverAt(cid: number, port: number): Pick<Reason, 'cure'> {
  const token = cid === CID_LOCAL ? '' : ' --token-file FILE';
  return {
    cure: `start a server there: rsc serve --listen vsock://${cid === CID_LOCAL ? cid : 'any'}:${port} --root DIR${token}`,
  };
}

function wayTo(cid: number): string {
  return cid <= CID_HOST
    ? 'give this VM a vsock device; in it: modprobe vmw_vsock_virtio_transport'
    : `start the VM with a vsock device of CID ${cid}, and on its host: modprobe vhost_vsock`;
}
