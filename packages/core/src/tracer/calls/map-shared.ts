/** Shared maps of remote files. */
import { openSync } from 'node:fs';
import { constant } from '../../abi/constants.js';
import { errno, isError } from '../../abi/errno.js';
import type { Call } from '../call.js';
import { AT_FDCWD } from '../call.js';
import type { RemoteDescriptor } from '../descriptors.js';
import { mapFilterFor } from '../engine.js';
import type { TraceeThread } from '../process.js';
import { SharedImage } from '../shared-image.js';
import type { Part, Steps } from '../steps.js';
import type { Context } from './context.js';
import { factsOf, statusFlags } from './remote-file.js';
import { dropUnused, fill, synchronise } from './synchronise.js';

/** The tracee maps the image of the file, which all tracees of the session share. */
export function* mapShared(context: Context, call: Call, remote: RemoteDescriptor): Steps {
  const { thread } = call;
  const { maps } = thread.process;
  const opened = yield* statusFlags(context, thread, remote.number);
  if (opened < 0n) return opened;
  if (Number(opened) & constant('O_PATH')) return BigInt(-errno.EBADF);
  const mode = Number(opened) & constant('O_ACCMODE');
  if (mode === constant('O_WRONLY')) return BigInt(-errno.EACCES);
  const facts = yield* factsOf(context, thread, remote.number);
  if (typeof facts === 'bigint') return facts;
  if (!facts.isRegular) return BigInt(-errno.ENODEV);
  if (maps.isLent) {
    return context.refusal(call, {
      side: 'refused',
      errno: errno.ENODEV,
      because: 'a process that has borrowed its memory (vfork) cannot map a remote file, shared',
    });
  }
  const writable = mode === constant('O_RDWR');
  const found = yield* imageOf(context, thread, facts.file);
  if (typeof found === 'bigint') return found;
  const { image, made } = found;
  // It stays while this call needs it.
  image.pins++;
  const path = made === undefined ? `/proc/${process.pid}/fd/${image.memory}` : `/proc/self/fd/${made}`;
  const result = yield* mapImage(context, call, remote, image, { path, writable });
  if (made !== undefined) yield* context.step.local(context.step.number('close'), [made]);
  image.pins--;
  if (!maps.maps(image)) yield* letGo(context, thread, image);
  dropUnused(context, image);
  if (isError(result)) return result;
  yield* watchMaps(context, thread);
  return result;
}

function* mapImage(
  context: Context,
  call: Call,
  remote: RemoteDescriptor,
  image: SharedImage,
  { path, writable }: { readonly path: string; readonly writable: boolean },
): Part<bigint> {
  const { thread } = call;
  const { maps } = thread.process;
  const [addr = 0n, length = 0n, prot = 0n, flags = 0n, , offset = 0n] = call.registers();
  const held = yield* holdFile(context, thread, remote, image, writable);
  if (held < 0n) return held;
  const synchronised = yield* synchronise(context, thread, image, true);
  if (synchronised < 0n) return synchronised;
  const from = Number(offset);
  const filled = yield* fill(context, thread, image, image.want(from, from + Number(length)));
  if (filled < 0n) return filled;
  const memory = yield* openImage(context, call, path, writable);
  if (memory < 0n) return memory;
  const result = yield* context.step.local(call.number, [addr, length, prot, flags, memory, offset]);
  yield* context.step.local(context.step.number('close'), [memory]);
  if (isError(result)) return result;
  for (const gone of maps.remove(result, length)) if (gone !== image) yield* letGo(context, thread, gone);
  maps.add({ addr: result, length, image, offset });
  return result;
}

/** Nothing in this memory maps the image any more: the twin's descriptor for it is closed. */
export function* letGo(context: Context, thread: TraceeThread, image: SharedImage): Part<void> {
  const hold = thread.process.maps.letGo(image);
  if (hold === undefined) return;
  yield* context.step.close(thread, hold.descriptor);
  dropUnused(context, image);
}

/** Keeps a copy of the descriptor in the twin: the tracee may close its own while the map lives. */
function* holdFile(
  context: Context,
  thread: TraceeThread,
  remote: RemoteDescriptor,
  image: SharedImage,
  writable: boolean,
): Part<bigint> {
  const { maps, twin } = thread.process;
  const known = maps.holdOf(image);
  if (known && (known.writable || !writable)) return 0n;
  const { result } = yield* context.step.direct(thread, {
    number: context.step.number('dup'),
    args: [BigInt(remote.number)],
  });
  // mmap(2) has no EMFILE.
  if (result < 0n) return BigInt(-errno.ENFILE);
  const former = maps.hold(image, { twin, descriptor: Number(result), writable });
  if (former) yield* context.step.close(thread, former.descriptor);
  return 0n;
}

/** The image of a file. The tracee that maps it first makes its memory, which it then has open as `made`. */
function* imageOf(
  context: Context,
  thread: TraceeThread,
  file: string,
): Part<{ readonly image: SharedImage; readonly made?: bigint } | bigint> {
  const known = context.images.get(file);
  if (known) return { image: known };
  const name = yield* context.step.lend(thread, Buffer.from('remote\0'));
  if (name < 0n) return name;
  const flags = BigInt(constant('MFD_CLOEXEC'));
  const made = yield* context.step.local(context.step.number('memfd_create'), [name, flags]);
  if (made < 0n) return made;
  // Another thread may have mapped the file since.
  const other = context.images.get(file);
  if (other) {
    yield* context.step.local(context.step.number('close'), [made]);
    return { image: other };
  }
  const image = new SharedImage(file, openSync(`/proc/${thread.process.pid}/fd/${made}`, 'r+'));
  context.images.set(file, image);
  return { image, made };
}

/** Opens an image in the tracee, for writing only if its file is: mprotect(2) then allows what it would allow for the file. */
function* openImage(context: Context, call: Call, path: string, writable: boolean): Part<bigint> {
  const name = yield* context.step.lend(call.thread, Buffer.from(`${path}\0`));
  if (name < 0n) return name;
  const flags = BigInt(constant('O_CLOEXEC') | (writable ? constant('O_RDWR') : 0));
  const args = [BigInt(AT_FDCWD), name, flags, 0n];
  const opened = yield* context.step.local(context.step.number('openat'), args);
  if (opened >= 0n) return opened;
  return context.refusal(call, {
    side: 'refused',
    errno: -Number(opened),
    because: 'the memory that tracees share could not be opened: it belongs to the user that runs rsc',
  });
}

/** SECCOMP_SET_MODE_FILTER and SECCOMP_FILTER_FLAG_TSYNC (linux/seccomp.h). */
const SET_MODE_FILTER = 1n;
const ALL_THREADS = 1n;
const INSTRUCTION_BYTES = 8;
/** struct sock_fprog (linux/filter.h): a count of instructions, and their address. */
const PROGRAM_BYTES = 16;

/**
 * Has the process stop at the calls that change maps from now on. Where its threads have filters of their own it cannot:
 * stores then reach the file at the other occasions, and memory is given back when the process ends.
 */
function* watchMaps(context: Context, thread: TraceeThread): Part<void> {
  if (thread.process.watchesMaps) return;
  thread.process.watchesMaps = true;
  if (!context.addsFilters) return;
  const filter = mapFilterFor(context.step.arch);
  const head = Buffer.alloc(PROGRAM_BYTES);
  head.writeUInt16LE(filter.length / INSTRUCTION_BYTES);
  const addr = yield* context.step.lend(thread, Buffer.concat([head, filter]));
  if (addr < 0n) return;
  head.writeBigUInt64LE(addr + BigInt(PROGRAM_BYTES), 8);
  if (context.step.write(thread, addr, head) < PROGRAM_BYTES) return;
  yield* context.step.local(context.step.number('seccomp'), [SET_MODE_FILTER, ALL_THREADS, addr]);
}
