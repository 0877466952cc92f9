/** What a call waits for, taken from the tracee's memory. */
import { structSize } from '../../abi/structs.js';
import type { Call } from '../call.js';
import { descriptorLimit, tableSize } from '../proc.js';
import { bytesOfSet, DescriptorSets, PollArray, type DescriptorSet, type Watched } from '../watched.js';
import type { Read } from '../deadline.js';

/** No process has a lower limit by default, and few a table that is smaller. */
const FEW_POLLFDS = 64;
const SMALLEST_TABLE = 64;

/** Undefined where the kernel refuses the call: memory that cannot be read, more entries than descriptors, fewer than none. */
export function watchedBy(call: Call, read: Read): Watched | undefined {
  const { runs, args } = call.row;
  if (runs.kind !== 'ownersIn') return undefined;
  const [first = ''] = runs.fds;
  return args[first]?.kind === 'pollfds'
    ? pollArray(call, first, read)
    : descriptorSets(call, runs.fds, read);
}

/** The argument that says how many there are. */
export function countRegister(call: Call): number {
  const counted = call.row.order.find(({ kind }) => kind === 'pollfds' || kind === 'fdset');
  if (counted?.kind !== 'pollfds' && counted?.kind !== 'fdset')
    throw new TypeError(`${call.name} waits for no descriptors`);
  return call.index(counted.count);
}

function pollArray(call: Call, name: string, read: Read): Watched | undefined {
  const { registers, process } = call.thread;
  const count = registers.int(countRegister(call)) >>> 0;
  if (count > FEW_POLLFDS && count > descriptorLimit(process.pid)) return undefined;
  const bytes = read(call.arg(name), count * structSize('pollfd'));
  return bytes && new PollArray(call.index(name), call.arg(name), bytes);
}

function descriptorSets(call: Call, names: readonly string[], read: Read): Watched | undefined {
  const { registers, process } = call.thread;
  const asked = registers.int(countRegister(call));
  if (asked < 0) return undefined;
  const count = asked <= SMALLEST_TABLE ? asked : Math.min(asked, tableSize(process.pid));
  const sets: DescriptorSet[] = [];
  for (const name of names) {
    const addr = call.arg(name);
    if (addr === 0n) continue;
    const bytes = read(addr, bytesOfSet(count));
    if (bytes === undefined) return undefined;
    sets.push({ register: call.index(name), addr, bytes, reads: name === names[0] });
  }
  return new DescriptorSets(sets, count);
}
