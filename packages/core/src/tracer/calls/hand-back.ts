/** Gives a process local snapshots in place of its remote files. */
import { closeSync, fchmodSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import { MAX_PAYLOAD } from '../../protocol/limits.js';
import type { Description, RemoteDescriptor } from '../descriptors.js';
import type { TraceeProcess, TraceeThread } from '../process.js';
import type { Part } from '../steps.js';
import type { Context } from './context.js';
import type { Keepsake } from './keepsake.js';

/** A local descriptor of a process. */
interface Held {
  readonly pid: number;
  readonly fd: number;
}

/** The snapshots that have been made so far: descriptors share them as they shared the files. */
export class Snapshots {
  readonly ofDescriptions = new Map<Description, Held>();
  /** By device and inode on the server. */
  readonly ofFiles = new Map<string, Held>();
  private readonly open: { readonly descriptor: number; readonly mode: number }[] = [];

  /** Keeps the tracer's descriptor of a snapshot to the end. */
  add(descriptor: number, mode: number): void {
    this.open.push({ descriptor, mode });
  }

  /** All are made: they take the permissions of their files, which would have been in the way. */
  settle(): void {
    for (const { descriptor, mode } of this.open.splice(0)) {
      fchmodSync(descriptor, mode & PERMISSIONS);
      closeSync(descriptor);
    }
  }
}

const PERMISSIONS = 0o7777;
/** What opening a file once more by /proc/self/fd must leave out. */
const OF_PATHS = constant('O_NOFOLLOW') | constant('O_TMPFILE') | constant('O_DIRECTORY');
const NAME = Buffer.from('rsc-snapshot\0');

/** Puts a snapshot at the number of the remote descriptor; returns 0, or the negated errno of what failed. */
export function* handBack(
  context: Context,
  thread: TraceeThread,
  kept: Keepsake,
  snapshots: Snapshots,
): Part<bigint> {
  const { step } = context;
  const { process } = thread;
  const { fd, remote } = kept;
  const shared = snapshots.ofDescriptions.get(remote.description);
  const made = shared
    ? yield* copyOf(context, thread, shared)
    : yield* openSnapshot(context, thread, kept, snapshots);
  if (made < 0n) return made;
  const mark = remote.cloexec ? BigInt(constant('O_CLOEXEC')) : 0n;
  const moved = yield* step.local(step.number('dup3'), [made, BigInt(fd), mark]);
  yield* step.local(step.number('close'), [made]);
  if (moved < 0n) return moved;
  remember(snapshots, process, kept);
  yield* forget(context, thread, fd, remote);
  return 0n;
}

function remember({ ofDescriptions, ofFiles }: Snapshots, { pid }: TraceeProcess, kept: Keepsake): void {
  const held = { pid, fd: kept.fd };
  if (!ofDescriptions.has(kept.remote.description)) ofDescriptions.set(kept.remote.description, held);
  if (!ofFiles.has(kept.facts.file)) ofFiles.set(kept.facts.file, held);
}

function* forget(context: Context, thread: TraceeThread, fd: number, remote: RemoteDescriptor): Part<void> {
  thread.process.descriptors.delete(fd);
  yield* context.step.close(thread, remote.number);
}

/** A copy of a descriptor of this process, or of another tracee (pidfd_getfd(2)): it shares the offset. */
function* copyOf({ step }: Context, thread: TraceeThread, { pid, fd }: Held): Part<bigint> {
  if (pid === thread.process.pid) {
    return yield* step.local(step.number('fcntl'), [BigInt(fd), BigInt(constant('F_DUPFD_CLOEXEC')), 0n]);
  }
  const other = yield* step.local(step.number('pidfd_open'), [BigInt(pid), 0n]);
  if (other < 0n) return other;
  const copy = yield* step.local(step.number('pidfd_getfd'), [other, BigInt(fd), 0n]);
  yield* step.local(step.number('close'), [other]);
  return copy;
}

/** Opens the snapshot of a file, at the same offset and with the same flags. */
function* openSnapshot(
  context: Context,
  thread: TraceeThread,
  kept: Keepsake,
  snapshots: Snapshots,
): Part<bigint> {
  const { step } = context;
  const known = snapshots.ofFiles.get(kept.facts.file);
  if (known) return yield* reopen(context, thread, `/proc/${known.pid}/fd/${known.fd}`, kept);
  const name = yield* step.lend(thread, NAME);
  if (name < 0n) return name;
  const flags = [name, BigInt(constant('MFD_CLOEXEC'))];
  const memory = yield* step.local(step.number('memfd_create'), flags);
  if (memory < 0n) return memory;
  const opened = yield* fillAndOpen(context, thread, kept, { memory, snapshots });
  yield* step.local(step.number('close'), [memory]);
  return opened;
}

function* fillAndOpen(
  context: Context,
  thread: TraceeThread,
  kept: Keepsake,
  { memory, snapshots }: { readonly memory: bigint; readonly snapshots: Snapshots },
): Part<bigint> {
  const own = openSync(`/proc/${thread.process.pid}/fd/${memory}`, constant('O_RDWR'));
  snapshots.add(own, kept.facts.mode);
  ftruncateSync(own, kept.facts.size);
  const failed = yield* copyContent(context, thread, kept, own);
  return failed < 0n ? failed : yield* reopen(context, thread, `/proc/self/fd/${memory}`, kept);
}

/** Copies what the file has of data to the local descriptor `own`. */
function* copyContent(
  context: Context,
  thread: TraceeThread,
  { source, facts }: Keepsake,
  own: number,
): Part<bigint> {
  if (source === undefined) return 0n;
  for (let offset = 0; offset < facts.size;) {
    const { result, outputs } = yield* context.step.direct(thread, {
      number: context.step.number('pread64'),
      args: [BigInt(source), 0n, BigInt(MAX_PAYLOAD), BigInt(offset)],
      output: { register: 1, size: MAX_PAYLOAD, counted: true },
    });
    if (result <= 0n) return result;
    const [bytes = new Uint8Array()] = outputs;
    // Holes stay holes.
    if (bytes.some((byte) => byte !== 0)) writeSync(own, bytes, 0, bytes.length, offset);
    offset += bytes.length;
  }
  return 0n;
}

function* reopen(context: Context, thread: TraceeThread, path: string, kept: Keepsake): Part<bigint> {
  const { step } = context;
  const offset = yield* offsetOf(context, thread, kept);
  if (offset < 0n) return offset;
  const name = yield* step.lend(thread, Buffer.from(`${path}\0`));
  if (name < 0n) return name;
  const flags = BigInt((kept.flags & ~OF_PATHS) | constant('O_CLOEXEC'));
  const opened = yield* step.local(step.number('openat'), [BigInt(constant('AT_FDCWD')), name, flags, 0n]);
  if (opened < 0n || kept.source === undefined) return opened;
  const moved = yield* step.local(step.number('lseek'), [opened, offset, BigInt(constant('SEEK_SET'))]);
  if (moved >= 0n) return opened;
  yield* step.local(step.number('close'), [opened]);
  return moved;
}

function* offsetOf({ step }: Context, thread: TraceeThread, { remote, source }: Keepsake): Part<bigint> {
  if (source === undefined) return 0n;
  const args = [BigInt(remote.number), 0n, BigInt(constant('SEEK_CUR'))];
  const { result } = yield* step.direct(thread, { number: step.number('lseek'), args });
  return result === BigInt(-errno.ESPIPE) ? 0n : result;
}

/** Gives back the tracer's pages in the thread's process. */
export function* leaveScratch({ step }: Context, thread: TraceeThread): Part<void> {
  const { process } = thread;
  const pages = [...process.freeScratch];
  for (const other of process.threads) {
    if (other.scratch !== 0n) pages.push(other.scratch);
    other.scratch = 0n;
  }
  process.freeScratch = [];
  for (const addr of pages) yield* step.local(step.number('munmap'), [addr, BigInt(step.scratchBytes)]);
}
