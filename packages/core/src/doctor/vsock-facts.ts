import { errnoName } from '../abi/errno.js';
import { CID_ANY, CID_LOCAL } from '../transport/address.js';
import { noLoopback, noSockets } from '../transport/refusal.js';
import { tried, type Fact } from './fact.js';
import type { Machine, Probes } from './machine.js';

/** Whether there are sockets between virtual machines, and of this machine with itself. Nothing is connected or sent. */
export function vsockFacts({ probes }: Machine): Fact[] {
  const result = probes.probeVsock();
  const family = tried({
    name: 'AF_VSOCK',
    result,
    call: 'socket',
    yes: `sockets can be made; ${result < 0 ? '' : cid(probes.vsockCid())}`,
    no: 'there are no sockets to virtual machines',
    remedy: noSockets(-result).cure,
  });
  return result < 0 ? [family] : [family, loopbackFact(probes)];
}

function loopbackFact(probes: Probes): Fact {
  return tried({
    name: 'vsock loopback',
    result: probes.probeVsockLoopback(),
    call: 'bind',
    yes: `vsock://${CID_LOCAL}:port is this machine`,
    no: `there is no vsock://${CID_LOCAL}:port`,
    remedy: noLoopback.cure,
  });
}

function cid(number: number): string {
  if (number < 0) return `the CID of this machine is not told: /dev/vsock returned ${errnoName(-number)}`;
  // With only the loopback loaded, its CID is what there is.
  return number === CID_ANY || number === CID_LOCAL
    ? 'this machine has no CID, so no other can connect to it'
    : `the CID of this machine is ${number}`;
}
