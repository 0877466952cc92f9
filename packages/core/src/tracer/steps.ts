import { constant } from '../abi/constants.js';
import { errno, isError } from '../abi/errno.js';
import { numberOf } from '../abi/lookup.js';
import { fieldOf, structSize } from '../abi/structs.js';
import type { Call } from './call.js';
import { AT_FDCWD, PATH_MAX } from './call.js';
import type { Channel } from './channel.js';
import type { Kernel } from './kernel.js';
import type { Changes } from './changes.js';
import { MAX_BATCH, type DirectCall, type Marshaller, type Output } from './marshal.js';
import type { TraceeThread } from './process.js';
import { ioError } from './loss.js';
import { normalise } from './paths.js';
import { parseReply, violationOf } from './reply.js';

/** What a call asks of the tracer's loop, and what it gets back. */
export type Step =
  /** The frame in the marshaller goes to the server: an Answer comes back. */
  | { readonly kind: 'remote' }
  /** The tracee's thread runs this call: its result comes back. */
  | { readonly kind: 'local'; readonly number: number; readonly args: readonly bigint[] }
  /** The thread stops, where it does not stand in a stop already. */
  | { readonly kind: 'stop' }
  /**
   * The frame in the marshaller goes to the server, and the thread, which stands in a stop, waits in this call meanwhile: an
   * Answer comes back when the server has answered and the thread stands in a stop; thread.beside says how the call went.
   */
  | { readonly kind: 'both'; readonly number: number; readonly args: readonly bigint[] }
  /**
   * The call, which a notice told, is answered with a placeholder marked by `flags`: its number comes back, or a negated
   * errno with the call unanswered.
   */
  | { readonly kind: 'adopt'; readonly flags: number };

/** A reply frame: the kernel's result there, and the bytes of each output. The views hold until the next frame. */
export interface Answer {
  readonly result: bigint;
  readonly outputs: readonly Uint8Array[];
}

/** The steps of a call: they end with its result, or with undefined when the tracee's own kernel shall run it as it is. */
export type Steps = Generator<Step, bigint | undefined, unknown>;
/** Some steps of a call. */
export type Part<T> = Generator<Step, T, unknown>;

const remoteStep: Step = { kind: 'remote' };

/** The tracer's pages in a tracee: two paths, and the name of what a placeholder is opened from. */
const SCRATCH_BYTES = 3 * PATH_MAX;
const PLACEHOLDER_PATH = Buffer.from('/dev/null\0');
/** So many links may be on a path (path_resolution(7)). */
const MAX_LINKS = 40;
/** No thread has this stream: the loop passes over its answers. */
const POST_STREAM = 0;
/** Nor this one: no session has so many. */
const ASK_STREAM = 0xffff_ffff;

/** The steps that calls are made of. */
export class Stepper {
  /** The bytes of the last answer, where the tracee's memory could only take the first `stored` of them. */
  cutShort: { readonly bytes: Buffer; readonly stored: number } | undefined;
  /** Whether calls have been sent whose answers may not have come yet. */
  hasPosted = false;
  private readonly one = new BigUint64Array(3);

  constructor(
    readonly kernel: Kernel,
    readonly marshaller: Marshaller,
    readonly channel: Channel,
    readonly arch: 'x86_64' | 'aarch64',
  ) {}

  /** Of a call that ended with EFAULT before it was sent: how many of its bytes could be read. */
  get readable(): number {
    return this.marshaller.readable;
  }

  /** Runs `call` on the server and puts what comes out into the tracee's memory. */
  *remote(call: Call, changes?: Changes): Part<bigint> {
    this.cutShort = undefined;
    let failed = this.marshaller.encode(call, changes);
    if (failed === -errno.EFAULT && !this.mayBeCut(call))
      failed = this.marshaller.encode(call, { ...changes, withBadPointers: true });
    if (failed < 0) return BigInt(failed);
    const outputs = this.marshaller.outputs();
    const answer = (yield remoteStep) as Answer;
    return this.store(call, outputs, answer);
  }

  /** Whether the call that was to be sent last can do with the bytes before those that cannot be read. */
  private mayBeCut({ row: { success } }: Call): boolean {
    return success.kind === 'count' && !success.whole && this.readable > 0;
  }

  private store(call: Call, outputs: readonly Output[], { result, outputs: views }: Answer): bigint {
    if (isError(result)) return result;
    const wanted = this.fittingBytes(views, outputs);
    if (wanted === 0) return result;
    const written = this.marshaller.store(call.thread.process.pid, outputs, views, this.memoryOf(views));
    if (written === wanted) return result;
    const stored = Math.max(written, 0);
    const { success } = call.row;
    if (success.kind !== 'count' || success.whole) return BigInt(-errno.EFAULT);
    this.cutShort = { bytes: Buffer.concat(views), stored };
    return stored > 0 ? BigInt(stored) : BigInt(-errno.EFAULT);
  }

  /** Runs a call on the server that the tracee did not make: in its own twin, or in another one. */
  *direct(thread: TraceeThread, call: DirectCall, twin = thread.process.twin): Part<Answer> {
    this.marshaller.encodeDirect(thread.stream, twin, call);
    return (yield remoteStep) as Answer;
  }

  /**
   * Sends a call whose answer nobody waits for: of a process that has ended, or left its memory. It is carried out before all
   * calls that are sent later.
   */
  post(twin: number, call: DirectCall): void {
    this.hasPosted = true;
    this.marshaller.encodeDirect(POST_STREAM, twin, call);
    if (this.marshaller.writer.ready > MAX_BATCH) this.channel.sendAll(this.marshaller.writer);
  }

  /**
   * Runs a call on the server at once: for a process that has ended, or left its memory, so that none of its threads can wait.
   * All others wait meanwhile. Throws RscError as the channel does.
   */
  ask(twin: number, call: DirectCall): Answer {
    this.marshaller.encodeDirect(ASK_STREAM, twin, call);
    this.channel.sendAll(this.marshaller.writer);
    const frame = this.channel.await((frame) => parseReply(frame).stream === ASK_STREAM);
    return frame === undefined ? ioError : parseReply(frame);
  }

  /** Closes a remote descriptor. */
  *close(thread: TraceeThread, number: number): Part<bigint> {
    const { result } = yield* this.direct(thread, { number: this.number('close'), args: [BigInt(number)] });
    return result;
  }

  /** Whether the path on the server leads to the file that the remote descriptor has open. */
  *isSameFile(thread: TraceeThread, number: number, path: string, twin = thread.process.twin): Part<boolean> {
    const stat = (dirfd: number, name: string): DirectCall => ({
      number: this.number('newfstatat'),
      args: [BigInt(dirfd), 0n, 0n, BigInt(name === '' ? constant('AT_EMPTY_PATH') : 0)],
      strings: [[1, name]],
      output: { register: 2, size: structSize('stat'), counted: false },
    });
    const open = identityOf(yield* this.direct(thread, stat(number, ''), twin));
    const named = identityOf(yield* this.direct(thread, stat(AT_FDCWD, path), twin));
    return open !== undefined && open === named;
  }

  /**
   * The path on the server without links, as far as it can be followed (path_resolution(7)): not beyond a link that leads to where
   * `isEnd` says.
   */
  *realPath(
    thread: TraceeThread,
    path: string,
    isEnd: (target: string) => boolean = () => false,
  ): Part<string> {
    let real = '';
    let rest = path.split('/').filter((part) => part !== '' && part !== '.');
    for (let links = 0; rest.length > 0;) {
      const [part = '', ...others] = rest;
      rest = others;
      if (part === '..') {
        real = real.slice(0, Math.max(real.lastIndexOf('/'), 0));
        continue;
      }
      const { result, outputs } = yield* this.direct(thread, {
        number: this.number('readlinkat'),
        args: [BigInt(AT_FDCWD), 0n, 0n, BigInt(PATH_MAX)],
        strings: [[1, `${real}/${part}`]],
        output: { register: 2, size: PATH_MAX, counted: true },
      });
      if (result < 0n || ++links > MAX_LINKS) {
        real = `${real}/${part}`;
        continue;
      }
      const target = Buffer.from(outputs[0] ?? []).toString('latin1');
      if (target.startsWith('/')) real = '';
      rest = [...target.split('/').filter((word) => word !== '' && word !== '.'), ...rest];
      const next = normalise(`${real}/${rest.join('/')}`);
      if (isEnd(next)) return next;
    }
    return real === '' ? '/' : real;
  }

  /** Makes the tracee run a call other than the one that it made. */
  *local(number: number, args: readonly bigint[]): Part<bigint> {
    return (yield { kind: 'local', number, args }) as bigint;
  }

  /**
   * Runs a call on the server while the thread waits in one of its own: what ends first ends the other. `here` is undefined where
   * that one has not begun. Undefined: a signal has come before.
   */
  *both(
    thread: TraceeThread,
    call: DirectCall,
    number: number,
    args: readonly bigint[],
  ): Part<{ readonly there: Answer; readonly here: bigint | undefined } | undefined> {
    yield { kind: 'stop' };
    if (thread.hasSignal) return undefined;
    this.marshaller.encodeDirect(thread.stream, thread.process.twin, call);
    const there = (yield { kind: 'both', number, args }) as Answer;
    const here = thread.beside?.result;
    thread.beside = undefined;
    return { there, here };
  }

  /** Makes the tracee run its own call, with other paths where `paths` has some by register. */
  *own(call: Call, paths: ReadonlyMap<number, string> | undefined): Part<bigint> {
    const args = call.registers();
    if (paths) {
      const scratch = yield* this.scratch(call.thread);
      if (scratch < 0n) return scratch;
      let place = 0;
      for (const [register, path] of paths) {
        const bytes = Buffer.from(`${path}\0`, 'latin1');
        if (bytes.length > PATH_MAX) return BigInt(-errno.ENAMETOOLONG);
        const addr = scratch + BigInt(place++ * PATH_MAX);
        if (this.write(call.thread, addr, bytes) < bytes.length) return BigInt(-errno.EFAULT);
        args[register] = addr;
      }
    }
    return yield* this.local(call.number, args);
  }

  /** Puts bytes, at most two paths long, where the tracee can point to; returns the address, or a negated errno. */
  *lend(thread: TraceeThread, bytes: Uint8Array): Part<bigint> {
    const scratch = yield* this.scratch(thread);
    if (scratch < 0n) return scratch;
    return this.write(thread, scratch, bytes) < bytes.length ? BigInt(-errno.EFAULT) : scratch;
  }

  /**
   * Gives the tracee the lowest free number, held by a placeholder; or a negated errno (EMFILE). It has to be the
   * result of the call.
   */
  *placeholder(thread: TraceeThread, cloexec: boolean): Part<bigint> {
    if (thread.isNoticed)
      return (yield { kind: 'adopt', flags: cloexec ? constant('O_CLOEXEC') : 0 }) as bigint;
    return yield* this.reserve(thread, cloexec);
  }

  /** The same before the result of the call is known: the thread has to stop for it. */
  *reserve(thread: TraceeThread, cloexec: boolean): Part<bigint> {
    const scratch = yield* this.scratch(thread);
    if (scratch < 0n) return scratch;
    const path = scratch + BigInt(2 * PATH_MAX);
    const flags = constant('O_PATH') | (cloexec ? constant('O_CLOEXEC') : 0);
    return yield* this.local(this.number('openat'), [BigInt(AT_FDCWD), path, BigInt(flags), 0n]);
  }

  /** How much memory the tracer maps in a tracee for a thread of it. */
  readonly scratchBytes = SCRATCH_BYTES;

  number(name: string): number {
    return numberOf(this.arch, name);
  }

  /** Copies bytes into the tracee; returns how many could be written, or a negated errno. */
  write(thread: TraceeThread, addr: bigint, bytes: Uint8Array): number {
    this.one[0] = addr;
    this.one[1] = BigInt(bytes.length);
    this.one[2] = 0n;
    return this.kernel.writeMemory(thread.process.pid, bytes, this.one, 1);
  }

  /** Copies bytes from the tracee; returns how many could be read, or a negated errno. */
  read(thread: TraceeThread, addr: bigint, bytes: Uint8Array): number {
    this.one[0] = addr;
    this.one[1] = BigInt(bytes.length);
    this.one[2] = 0n;
    return this.kernel.readMemory(thread.process.pid, bytes, this.one, 1);
  }

  /** The thread's scratch pages, mapped when they are first needed; or a negated errno. */
  private *scratch(thread: TraceeThread): Part<bigint> {
    if (thread.scratch !== 0n) return thread.scratch;
    const left = thread.process.freeScratch.pop();
    if (left !== undefined) return (thread.scratch = left);
    const addr = yield* this.local(this.number('mmap'), [
      0n,
      BigInt(SCRATCH_BYTES),
      BigInt(constant('PROT_READ') | constant('PROT_WRITE')),
      BigInt(constant('MAP_PRIVATE') | constant('MAP_ANONYMOUS')),
      -1n,
      0n,
    ]);
    if (addr < 0n) return addr;
    if (this.write(thread, addr + BigInt(2 * PATH_MAX), PLACEHOLDER_PATH) < PLACEHOLDER_PATH.length) {
      return BigInt(-errno.EFAULT);
    }
    return (thread.scratch = addr);
  }

  /** Where the views lie: the channel's memory, or a copy that was made for a parked thread. */
  private memoryOf(views: readonly Uint8Array[]): Uint8Array {
    const first = views[0];
    if (first === undefined || first.buffer === this.channel.bytes.buffer) return this.channel.bytes;
    return new Uint8Array(first.buffer);
  }

  /** How many bytes an answer has. A reply is never trusted: it may not hold more than the call asked for. */
  private fittingBytes(views: readonly Uint8Array[], outputs: readonly Output[]): number {
    let bytes = 0;
    let fits = views.length === outputs.length;
    for (let index = 0; fits && index < views.length; index++) {
      const length = views[index]?.length ?? 0;
      fits = length <= (outputs[index]?.size ?? 0);
      bytes += length;
    }
    if (fits) return bytes;
    throw violationOf(
      `${sizes(views.map(({ length }) => length))} in answer to a call that asked for ${sizes(outputs.map(({ size }) => size))}`,
    );
  }
}

function sizes(bytes: readonly number[]): string {
  return bytes.length === 0 ? 'no bytes' : `${bytes.join(' + ')} bytes`;
}

/** Device and inode of a stat(2) that succeeded. */
function identityOf({ result, outputs: [bytes] }: Answer): string | undefined {
  if (result !== 0n || bytes === undefined) return undefined;
  const stat = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return `${fieldOf(stat, 'stat', 'st_dev')}:${fieldOf(stat, 'stat', 'st_ino')}`;
}
