import { rowsOf } from '@rsc/core/abi/lookup';
import { numbers, syscallNames, table, type SyscallName } from '@rsc/core/abi/table';
import type { Placement } from '@rsc/core/abi/vocabulary';
import { serverArch } from './admission.js';

/** The placements by which a call may come to a twin. Not mmap: a map of a remote file is filled by pread64. */
const remoteKinds: ReadonlySet<Placement['kind']> = new Set([
  'ownerOf',
  'ownersOf',
  'ownersIn',
  'pathOf',
  'pathsOf',
  'cwd',
  'remote',
  'both',
  'namedOnly',
]);

/** The numbers of the calls that the table may send to a twin: the executor's kernel refuses it all others. */
export function allowedNumbers(): number[] {
  const known: Readonly<Partial<Record<SyscallName, number>>> = numbers[serverArch];
  return syscallNames.flatMap((name) => {
    const number = known[name];
    const isRemote = rowsOf(table[name]).some(
      ({ runs, facts }) => remoteKinds.has(runs.kind) || facts.some(({ kind }) => kind === 'paired'),
    );
    return isRemote && number !== undefined ? [number] : [];
  });
}
