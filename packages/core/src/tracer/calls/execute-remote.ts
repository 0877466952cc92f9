/** Programs that come from the server (`--exec remote`). */
import { constant } from '../../abi/constants.js';
import { errno, isError } from '../../abi/errno.js';
import { AT_FDCWD, type Call } from '../call.js';
import { HEAD_BYTES, scriptLineOf } from '../elf.js';
import type { TraceeThread } from '../process.js';
import type { Part, Steps } from '../steps.js';
import { argvWith } from './argv.js';
import type { Context } from './context.js';
import { closeImage, loadImage } from './image-file.js';
import { factsOf } from './remote-file.js';

/** So many interpreters may follow each other (fs/exec.c: exec_binprm). */
const MAX_INTERPRETERS = 5;
/** What the tracer has for the name of a program that this machine has no file of. */
export const NO_LOCAL_IMAGE = '/proc/self/exe';

/** A path as the twin takes it: relative to one of its descriptors, or to its working directory. */
export interface ThereAt {
  readonly dirfd: number;
  readonly path: string;
  /** Open flags besides the usual ones. */
  readonly flags: number;
}

/** A program's image, found behind the scripts that name it. */
interface Found {
  readonly descriptor: number;
  readonly path: string;
  /** What stands in the place of argv[0]; empty where that is the caller's own. */
  readonly words: readonly string[];
}

/**
 * Executes a program of the server: its image goes into a memfd of the tracee, and so does the interpreter that it names, to
 * which the header of the copy is made to point.
 */
export function* executeThere(context: Context, call: Call, there: ThereAt, name: string): Steps {
  const { thread } = call;
  const given = call.strings.find((text) => text !== undefined) || name;
  const found = yield* find(context, thread, there, given);
  if (typeof found === 'bigint') return found;
  const image = yield* loadImage(context, thread, found.descriptor);
  yield* context.step.close(thread, found.descriptor);
  if (typeof image === 'bigint') return image;
  thread.nextName = given.slice(given.lastIndexOf('/') + 1);
  const result = yield* execute(context, call, image.memory, found);
  thread.nextName = '';
  yield* closeImage(context, image);
  return result;
}

function* execute(context: Context, call: Call, memory: bigint, { path, words }: Found): Part<bigint> {
  const { thread } = call;
  const argv = words.length === 0 ? call.arg('argv') : yield* argvWith(context, call, words);
  if (isError(argv)) return argv;
  const empty = yield* context.step.lend(thread, Buffer.from('\0'));
  if (empty < 0n) return empty;
  const { nextImage } = thread;
  thread.nextImage = NO_LOCAL_IMAGE;
  thread.nextRemoteImage = path;
  const args = [memory, empty, argv, call.arg('envp'), BigInt(constant('AT_EMPTY_PATH'))];
  // Where it succeeds, nothing comes back: the thread goes on with the program.
  const result = yield* context.step.local(context.step.number('execveat'), args);
  thread.nextImage = nextImage;
  thread.nextRemoteImage = '';
  return result;
}

/** Follows `#!` lines to the image that is executed in the end. `given` is the path as the caller wrote it. */
function* find(context: Context, thread: TraceeThread, there: ThereAt, given: string): Part<Found | bigint> {
  let at = there;
  let path = given;
  let words: readonly string[] = [];
  for (let depth = 0; depth <= MAX_INTERPRETERS; depth++) {
    const descriptor = yield* openProgram(context, thread, at);
    if (descriptor < 0n) return descriptor;
    const line = scriptLineOf(yield* readHead(context, thread, descriptor));
    if (line === undefined) {
      const name = at.dirfd === AT_FDCWD ? context.router.fromDirectory(thread.process, at.path) : at.path;
      return { descriptor: Number(descriptor), path: name, words };
    }
    yield* context.step.close(thread, Number(descriptor));
    if (line === 'malformed') return BigInt(-errno.ENOEXEC);
    const { interpreter, argument } = line;
    words = [interpreter, ...(argument === undefined ? [] : [argument]), path, ...words.slice(1)];
    path = interpreter;
    at = { dirfd: AT_FDCWD, path: interpreter, flags: 0 };
  }
  return BigInt(-errno.ELOOP);
}

/** Opens a program's file in the twin, if it may be executed; its descriptor there, or a negated errno. */
export function* openProgram(context: Context, thread: TraceeThread, there: ThereAt): Part<bigint> {
  const { result } = yield* context.step.direct(thread, {
    number: context.step.number('openat'),
    // A FIFO must not hold up the open.
    args: [BigInt(there.dirfd), 0n, BigInt(there.flags | constant('O_NONBLOCK'))],
    strings: [[1, there.path]],
  });
  if (result < 0n) return result;
  const descriptor = Number(result);
  const facts = yield* factsOf(context, thread, descriptor);
  let failed = typeof facts === 'bigint' ? facts : facts.isRegular ? 0n : BigInt(-errno.EACCES);
  if (failed === 0n) {
    const flags = BigInt(constant('AT_EMPTY_PATH') | constant('AT_EACCESS'));
    ({ result: failed } = yield* context.step.direct(thread, {
      number: context.step.number('faccessat2'),
      args: [result, 0n, BigInt(constant('X_OK')), flags],
      strings: [[1, '']],
    }));
  }
  if (failed === 0n) return result;
  yield* context.step.close(thread, descriptor);
  return failed;
}

function* readHead(context: Context, thread: TraceeThread, descriptor: bigint): Part<Buffer> {
  const { outputs } = yield* context.step.direct(thread, {
    number: context.step.number('pread64'),
    args: [descriptor, 0n, BigInt(HEAD_BYTES), 0n],
    output: { register: 1, size: HEAD_BYTES, counted: true },
  });
  return Buffer.from(outputs[0] ?? []);
}
