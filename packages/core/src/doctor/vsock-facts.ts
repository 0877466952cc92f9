import { errnoName } from '../abi/errno.js';
import { tried, type Fact } from './fact.js';
import type { Machine } from './machine.js';

/** VMADDR_CID_ANY of linux/vm_sockets.h: what a machine answers that has no transport. */
const NO_CID = 0xffff_ffff;

/** Whether there are sockets between virtual machines. Nothing is bound or connected. */
export function vsockFacts({ probes }: Machine): Fact[] {
  const result = probes.probeVsock();
  return [
    tried({
      name: 'AF_VSOCK',
      result,
      call: 'socket',
      yes: `sockets can be made; ${cid(result < 0 ? result : probes.vsockCid())}`,
      no: 'there are no sockets to virtual machines',
      remedy: 'modprobe vsock',
    }),
  ];
}

function cid(number: number): string {
  if (number < 0) return `the CID of this machine is not told: /dev/vsock returned ${errnoName(-number)}`;
  return number === NO_CID ? 'this machine has no CID' : `the CID of this machine is ${number}`;
}
