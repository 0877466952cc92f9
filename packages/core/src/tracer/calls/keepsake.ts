/** What a process can keep of its remote descriptors when it is let go. */
import { constant } from '../../abi/constants.js';
import { errno, errnoText } from '../../abi/errno.js';
import { AT_FDCWD } from '../call.js';
import type { RemoteDescriptor } from '../descriptors.js';
import { textOf } from '../paths.js';
import type { TraceeThread } from '../process.js';
import type { Part } from '../steps.js';
import type { Context } from './context.js';
import { factsOf, statusFlags, type FileFacts } from './remote-file.js';

/** A remote regular file, of which a snapshot can be made. */
export interface Keepsake {
  readonly fd: number;
  readonly remote: RemoteDescriptor;
  readonly facts: FileFacts;
  /** Those of the open file (F_GETFL). */
  readonly flags: number;
  /** The twin's descriptor by which it can be read; undefined where nothing has to be: O_PATH. */
  readonly source: number | undefined;
}

/** What the process has of the server's, and this machine cannot give it. */
export interface Loss {
  /** `descriptor 4 (/data/queue)`, `its working directory (/data)` */
  readonly what: string;
  readonly because: string;
}

/** What becomes of all that a process has on the server. */
export interface Inventory {
  readonly keepsakes: Keepsake[];
  readonly losses: Loss[];
}

/** Takes stock of what the thread's process has on the server. */
export function* takeStock(context: Context, thread: TraceeThread): Part<Inventory> {
  const { descriptors, directory } = thread.process;
  const stock: Inventory = { keepsakes: [], losses: [] };
  if (directory.remote !== undefined)
    stock.losses.push({
      what: `its working directory (${textOf(directory.remote)})`,
      because: 'it is on the server',
    });
  for (const [fd, remote] of descriptors.entries()) {
    const found = yield* weigh(context, thread, fd, remote);
    if (typeof found !== 'string') stock.keepsakes.push(found);
    else stock.losses.push({ what: nameOf(fd, remote), because: found });
  }
  return stock;
}

/** `descriptor 4 (/data/queue)` */
export function nameOf(fd: number, { path }: RemoteDescriptor): string {
  return path === undefined ? `descriptor ${fd}` : `descriptor ${fd} (${textOf(path)})`;
}

function* weigh(
  context: Context,
  thread: TraceeThread,
  fd: number,
  remote: RemoteDescriptor,
): Part<Keepsake | string> {
  if (context.step.channel.isLost) return 'the server is gone';
  if (remote.description.epoll) return 'it waits for remote descriptors';
  if (remote.description.inotify) return 'it watches remote paths';
  const facts = yield* factsOf(context, thread, remote.number);
  if (typeof facts === 'bigint') return `the server says ${errnoText(Number(-facts))}`;
  if (!facts.isRegular) return `it is ${kinds[facts.mode & constant('S_IFMT')] ?? 'no file'}`;
  const flags = yield* statusFlags(context, thread, remote.number);
  if (flags < 0n) return `the server says ${errnoText(Number(-flags))}`;
  const kept = { fd, remote, facts, flags: Number(flags) };
  if (kept.flags & constant('O_PATH')) return { ...kept, source: undefined };
  if ((kept.flags & constant('O_ACCMODE')) !== constant('O_WRONLY'))
    return { ...kept, source: remote.number };
  const source = yield* openForReading(context, thread, remote);
  if (source >= 0n) return { ...kept, source: Number(source) };
  return `it is open for writing only, and cannot be opened for reading: ${errnoText(Number(-source))}`;
}

/** Opens the file of a descriptor once more, by its name if it still has it. */
function* openForReading(
  context: Context,
  thread: TraceeThread,
  { number, path }: RemoteDescriptor,
): Part<bigint> {
  const { step } = context;
  const isNamed = path !== undefined && (yield* step.isSameFile(thread, number, path));
  if (!isNamed) return BigInt(-errno.ENOENT);
  const { result } = yield* step.direct(thread, {
    number: step.number('openat'),
    args: [BigInt(AT_FDCWD), 0n, BigInt(constant('O_RDONLY') | constant('O_CLOEXEC'))],
    strings: [[1, path]],
  });
  return result;
}

const kinds: Readonly<Record<number, string>> = {
  [constant('S_IFDIR')]: 'a directory',
  [constant('S_IFIFO')]: 'a FIFO',
  [constant('S_IFSOCK')]: 'a socket',
  [constant('S_IFCHR')]: 'a device',
  [constant('S_IFBLK')]: 'a device',
};
