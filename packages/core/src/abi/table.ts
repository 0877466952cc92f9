/** The syscall table: a row for each system call of the kernel. Numbers stand apart, in numbers.generated.ts. */
import { numbers } from './numbers.generated.js';
import { descriptors } from './rows/descriptors.js';
import { files } from './rows/files.js';
import { ipc } from './rows/ipc.js';
import { memory } from './rows/memory.js';
import { mounts } from './rows/mounts.js';
import { network } from './rows/network.js';
import { obsolete } from './rows/obsolete.js';
import { process } from './rows/process.js';
import { signals } from './rows/signals.js';
import { system } from './rows/system.js';
import { threads } from './rows/threads.js';
import { time } from './rows/time.js';
import { users } from './rows/users.js';
import { waiting } from './rows/waiting.js';
import { xattrs } from './rows/xattrs.js';
import type { Entry } from './vocabulary.js';

export { numbers };

/** A system call of x86_64, which has all that other architectures have. */
export type SyscallName = keyof typeof numbers.x86_64 | keyof typeof numbers.aarch64;

const rows = {
  ...descriptors,
  ...files,
  ...ipc,
  ...memory,
  ...mounts,
  ...network,
  ...obsolete,
  ...process,
  ...signals,
  ...system,
  ...threads,
  ...time,
  ...users,
  ...waiting,
  ...xattrs,
};

/** The row of each system call, or its rows by command. A call without a row does not compile: the error names it. */
export const table: Readonly<Record<SyscallName, Entry>> = Object.freeze(rows);

/** The names of all system calls, in the order of the alphabet. */
export const syscallNames: readonly SyscallName[] = Object.freeze(
  (Object.keys(rows) as SyscallName[]).sort(),
);

/** The families that sets are made of. */
export const families = {
  net: network,
  process,
  memory,
  ipc,
  time,
  signal: signals,
} as const;
