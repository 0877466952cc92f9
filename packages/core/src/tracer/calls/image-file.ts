/** The image of a program of the server, as a memfd that the tracee can execute. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import { MAX_PAYLOAD } from '../../protocol/limits.js';
import { AT_FDCWD } from '../call.js';
import { interpreterNameIn, pointingTo, type InterpreterName } from '../elf.js';
import type { TraceeThread } from '../process.js';
import type { Part } from '../steps.js';
import type { Context } from './context.js';
import { openProgram } from './execute-remote.js';

/** Local descriptors of the tracee's, which close when a program is executed. */
export interface ImageFile {
  readonly memory: bigint;
  readonly interpreter: bigint | undefined;
}

/**
 * Copies the file that the twin has open to a memfd, and the interpreter that it names (PT_INTERP) to another, by whose path in
 * /proc/self/fd the copy names it. A negated errno where it cannot.
 */
export function* loadImage(
  context: Context,
  thread: TraceeThread,
  descriptor: number,
): Part<ImageFile | bigint> {
  let interpreter: bigint | undefined;
  const memory = yield* copyToMemory(context, thread, descriptor, function* (file, size) {
    const name = interpreterNameIn((offset, length) => readAt(file, offset, length));
    if (name === undefined) return 0n;
    const loaded = yield* loadInterpreter(context, thread, textAt(file, name));
    if (loaded < 0n) return loaded;
    interpreter = loaded;
    pointTo(file, name, size, loaded);
    return 0n;
  });
  return memory < 0n ? memory : { memory, interpreter };
}

function* loadInterpreter(context: Context, thread: TraceeThread, path: string): Part<bigint> {
  const descriptor = yield* openProgram(context, thread, { dirfd: AT_FDCWD, path, flags: 0 });
  if (descriptor < 0n) return descriptor;
  const memory = yield* copyToMemory(context, thread, Number(descriptor));
  yield* context.step.close(thread, Number(descriptor));
  return memory;
}

/** Closes what loadImage has opened. */
export function* closeImage(context: Context, { memory, interpreter }: ImageFile): Part<void> {
  const close = context.step.number('close');
  yield* context.step.local(close, [memory]);
  if (interpreter !== undefined) yield* context.step.local(close, [interpreter]);
}

/** Makes a memfd of the tracee with what the twin's descriptor has; `finish` may change it, by a descriptor of the tracer's. */
function* copyToMemory(
  context: Context,
  thread: TraceeThread,
  descriptor: number,
  finish?: (file: number, size: number) => Part<bigint>,
): Part<bigint> {
  const memory = yield* makeMemory(context, thread);
  if (memory < 0n) return memory;
  const file = openSync(`/proc/${thread.process.pid}/fd/${memory}`, 'r+');
  let result: bigint;
  try {
    result = yield* copyFile(context, thread, descriptor, file);
    if (result >= 0n && finish) result = yield* finish(file, Number(result));
  } finally {
    // The kernel executes no file that somebody has open for writing (ETXTBSY).
    closeSync(file);
  }
  if (result >= 0n) return memory;
  yield* context.step.local(context.step.number('close'), [memory]);
  return result;
}

/** MFD_EXEC: where the machine makes memfds that cannot be executed by default; older kernels do not know it. */
function* makeMemory(context: Context, thread: TraceeThread): Part<bigint> {
  const name = yield* context.step.lend(thread, Buffer.from('program\0'));
  if (name < 0n) return name;
  const number = context.step.number('memfd_create');
  const flags = constant('MFD_CLOEXEC');
  const made = yield* context.step.local(number, [name, BigInt(flags | constant('MFD_EXEC'))]);
  return made === BigInt(-errno.EINVAL) ? yield* context.step.local(number, [name, BigInt(flags)]) : made;
}

/** Copies all of a file of the server; returns its size, or a negated errno. */
function* copyFile(context: Context, thread: TraceeThread, descriptor: number, file: number): Part<bigint> {
  for (let offset = 0; ;) {
    const { result, outputs } = yield* context.step.direct(thread, {
      number: context.step.number('pread64'),
      args: [BigInt(descriptor), 0n, BigInt(MAX_PAYLOAD), BigInt(offset)],
      output: { register: 1, size: MAX_PAYLOAD, counted: true },
    });
    const [bytes] = outputs;
    if (result < 0n) return result;
    if (bytes === undefined || bytes.length === 0) return BigInt(offset);
    writeSync(file, bytes, 0, bytes.length, offset);
    offset += bytes.length;
  }
}

/** The copy's name of its interpreter: written behind its end, where the program header then says that it is. */
function pointTo(file: number, name: InterpreterName, size: number, interpreter: bigint): void {
  const path = Buffer.from(`/proc/self/fd/${interpreter}\0`);
  writeSync(file, path, 0, path.length, size);
  for (const [offset, bytes] of pointingTo(name, size, path.length))
    writeSync(file, bytes, 0, bytes.length, offset);
}

function textAt(file: number, { offset, bytes }: InterpreterName): string {
  const text = readAt(file, offset, Math.min(bytes, MAX_PAYLOAD)).toString('latin1');
  return text.slice(0, text.indexOf('\0'));
}

function readAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
}
