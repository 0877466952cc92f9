/** What the tracer asks the server about a remote descriptor for itself. */
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import { fieldOf, structSize } from '../../abi/structs.js';
import type { RemoteDescriptor } from '../descriptors.js';
import type { DirectCall } from '../marshal.js';
import type { TraceeThread } from '../process.js';
import type { SharedImage } from '../shared-image.js';
import type { Answer, Part } from '../steps.js';
import type { Context } from './context.js';

/** A file as fstat(2) knows it. */
export interface FileFacts {
  /** Device and inode. */
  readonly file: string;
  /** In bytes. */
  readonly size: number;
  readonly isRegular: boolean;
  readonly isDirectory: boolean;
  /** Its type and permissions (inode(7)). */
  readonly mode: number;
}

/** The call that factsIn reads the answer to. */
export function factsCall(context: Context, descriptor: number): DirectCall {
  return {
    number: context.step.number('newfstatat'),
    args: [BigInt(descriptor), 0n, 0n, BigInt(constant('AT_EMPTY_PATH'))],
    strings: [[1, '']],
    output: { register: 2, size: structSize('stat'), counted: false },
  };
}

export function factsIn({ result, outputs: [bytes] }: Answer): FileFacts | bigint {
  if (result < 0n) return result;
  if (bytes === undefined) return BigInt(-errno.EIO);
  const stat = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const field = (name: string) => fieldOf(stat, 'stat', name) ?? 0n;
  const mode = Number(field('st_mode'));
  const type = mode & constant('S_IFMT');
  return {
    file: `${field('st_dev')}:${field('st_ino')}`,
    size: Number(field('st_size')),
    isRegular: type === constant('S_IFREG'),
    isDirectory: type === constant('S_IFDIR'),
    mode,
  };
}

/** Asks for the facts of a descriptor of the twin's; a negated errno where there are none. */
export function* factsOf(
  context: Context,
  thread: TraceeThread,
  descriptor: number,
  twin = thread.process.twin,
): Part<FileFacts | bigint> {
  return factsIn(yield* context.step.direct(thread, factsCall(context, descriptor), twin));
}

/** Which file a remote descriptor is of; it is asked for once. Undefined where the server does not say. */
export function* fileOf(
  context: Context,
  thread: TraceeThread,
  remote: RemoteDescriptor,
): Part<string | undefined> {
  if (remote.file === undefined) {
    const facts = yield* factsOf(context, thread, remote.number);
    if (typeof facts === 'bigint') return undefined;
    remote.file = facts.file;
  }
  return remote.file;
}

/** The image of a remote descriptor's file, where tracees map it. */
export function* imageOf(
  context: Context,
  thread: TraceeThread,
  remote: RemoteDescriptor,
): Part<SharedImage | undefined> {
  if (context.images.size === 0) return undefined;
  const file = yield* fileOf(context, thread, remote);
  return file === undefined ? undefined : context.images.get(file);
}

/** The flags of the open file (F_GETFL), or a negated errno. */
export function* statusFlags(context: Context, thread: TraceeThread, descriptor: number): Part<bigint> {
  const args = [BigInt(descriptor), BigInt(constant('F_GETFL'))];
  const { result } = yield* context.step.direct(thread, { number: context.step.number('fcntl'), args });
  return result;
}
