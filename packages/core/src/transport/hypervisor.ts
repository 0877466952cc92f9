import { errno, errnoName } from '../abi/errno.js';
import { RscError } from '../errors.js';
import type { Wire } from '../tracer/kernel.js';

const ANSWER_TIMEOUT_MS = 10_000;
/** `OK` and a number of 32 bits. */
const MAX_ANSWER = 32;

/**
 * Asks the hypervisor that has the other end of a Unix socket for a connection to a port of its VM, in the words of
 * Firecracker (docs/vsock.md there, section "Host-initiated connections"), which Cloud Hypervisor and vhost-device-vsock
 * speak too. What the VM says from then on is not read. Throws RSC_CONNECT_FAILED.
 */
export function passHypervisor(wire: Wire, socket: number, name: string, port: number): void {
  const request = Buffer.from(`CONNECT ${port}\n`);
  const sent = wire.send(socket, request, 0, request.length);
  if (sent < 0) throw refused(name, `send returned ${errnoName(-sent)}`, isItOne);
  const answer = Buffer.alloc(MAX_ANSWER);
  const length = wire.receiveLine(socket, answer, ANSWER_TIMEOUT_MS);
  if (length === 0 || length === -errno.ECONNRESET || length === -errno.EPIPE) throw nobodyThere(name, port);
  if (length === -errno.ETIMEDOUT)
    throw refused(name, `no answer from the hypervisor within ${ANSWER_TIMEOUT_MS / 1000} s`, isItOne);
  const said = length < 0 ? answer.toString('latin1') : answer.toString('latin1', 0, length);
  if (!/^OK \d+\n$/.test(said))
    throw refused(
      name,
      `expected OK and a number of the hypervisor, received ${JSON.stringify(said)}`,
      isItOne,
    );
}

const isItOne =
  'check that the path is the vsock socket of Firecracker, Cloud Hypervisor or vhost-device-vsock';

function nobodyThere(name: string, port: number): RscError {
  return refused(
    name,
    `the hypervisor closed the connection: nothing listens on port ${port} in the VM, or the VM is not up`,
    `start a server there: rsc-server --listen vsock://any:${port} --root DIR --token-file FILE`,
  );
}

function refused(name: string, reason: string, suggestion: string): RscError {
  return new RscError('RSC_CONNECT_FAILED', `cannot connect to ${name}: ${reason}`, suggestion);
}
