/** How each kind of call is carried out, step by step. Which kind a call is, its row says. */
import { constant } from '../abi/constants.js';
import { errno } from '../abi/errno.js';
import type { Fact, Row, Success } from '../abi/vocabulary.js';
import { MAX_PAYLOAD } from '../protocol/limits.js';
import { PATH_MAX, type Call } from './call.js';
import type { RemoteDescriptor } from './descriptors.js';
import { descriptorNamed, type NamedDescriptor, type Route, type Router } from './router.js';
import type { Part, Stepper, Steps } from './steps.js';
import type { WarnOnce } from './warn.js';

/** Carries out one kind of call. */
type Carry = (call: Call) => Steps;
type Named<K> = Extract<Fact, { readonly kind: K }>;

const CLOSE_RANGE_UNSHARE = 2;
const CLOSE_RANGE_CLOEXEC = 4;
const MAP_TYPE = 0x0f;

/** Turns calls into steps. */
export class Calls {
  private readonly known = new WeakMap<Row, Carry>();

  constructor(
    private readonly step: Stepper,
    private readonly router: Router,
    private readonly warn: WarnOnce,
  ) {}

  /** The steps of a call at whose entry its thread is stopped. */
  begin(call: Call): Steps {
    let carry = this.known.get(call.row);
    if (carry === undefined) {
      carry = this.kindOf(call.row);
      this.known.set(call.row, carry);
    }
    return carry(call);
  }

  private kindOf(row: Row): Carry {
    const { success } = row;
    const fact = <K extends Fact['kind']>(kind: K) => row.facts.find((f): f is Named<K> => f.kind === kind);
    const executes = fact('executes');
    const closes = fact('closes');
    const range = fact('closesRange');
    const cloexec = fact('marksCloexec');
    const enters = fact('entersDirectory');
    if (row.runs.kind === 'refused') return (call) => this.refuse(call);
    if (executes) return (call) => this.execute(call, executes);
    if (closes) return (call) => this.close(call, closes);
    if (range) return (call) => this.closeRange(call, range);
    if (cloexec) return (call) => this.markCloexec(call, cloexec);
    if (enters) return (call) => this.enterDirectory(call, enters);
    if (row.runs.kind === 'ownersIn') return (call) => this.watch(call);
    if (row.runs.kind === 'mapping') return (call) => this.map(call);
    if (success.kind === 'copyOf') return (call) => this.duplicate(call, success);
    return (call) => this.follow(call);
  }

  /** The call goes where its row and the tracee's state say. */
  private *follow(call: Call): Steps {
    const failed = this.readStrings(call);
    if (failed) return failed;
    const named = this.descriptorNamed(call);
    if (named) return yield* this.followName(call, named);
    const route = this.routeOf(call);
    if (route.side === 'refused') return this.refusal(call, route);
    if (route.side === 'local') return route.paths ? yield* this.step.own(call, route.paths) : undefined;
    return yield* this.followThere(call, route);
  }

  private *followThere(call: Call, route: Route & { side: 'remote' }): Part<bigint | undefined> {
    const { runs, success } = call.row;
    if (success.kind === 'newFd') return yield* this.open(call, route, success);
    if (success.kind === 'count') return yield* this.transfer(call, route);
    const result = yield* this.step.remote(call, route);
    return runs.kind === 'both' && result >= 0n ? undefined : result;
  }

  private *open(call: Call, route: Route & { side: 'remote' }, success: Success & { kind: 'newFd' }): Steps {
    const number = yield* this.step.remote(call, route);
    if (number < 0n) return number;
    const { runs } = call.row;
    const path = runs.kind === 'pathOf' ? this.router.nameOf(call, runs.at) : undefined;
    const cloexec = success.cloexec !== undefined && this.closesOnExec(call, success.cloexec);
    return yield* this.adopt(call, { number: Number(number), cloexec, path });
  }

  /** Gives a remote descriptor the lowest free number of the tracee. */
  private *adopt(call: Call, remote: RemoteDescriptor): Part<bigint> {
    const fd = yield* this.step.placeholder(call.thread, remote.cloexec);
    if (fd < 0n) yield* this.step.close(call.thread, remote.number);
    else call.thread.process.descriptors.set(Number(fd), remote);
    return fd;
  }

  /** A read or a write: longer ones than fit a frame are made of several, until one of them comes short. */
  private *transfer(call: Call, route: Route & { side: 'remote' }): Steps {
    let done = yield* this.step.remote(call, route);
    if (this.step.unstored > 0) yield* this.putBack(call, this.step.unstored);
    while (done > 0n && done % BigInt(MAX_PAYLOAD) === 0n && this.isLonger(call, done)) {
      const more = yield* this.step.remote(call, { ...route, done: Number(done) });
      if (more <= 0n) break;
      done += more;
    }
    return done;
  }

  /** What could not be stored in the tracee has not been read: natively the offset would not have moved. */
  private *putBack(call: Call, bytes: number): Part<void> {
    const { runs, args } = call.row;
    const isPositioned = Object.values(args).some((arg) => arg.kind === 'number' && arg.position);
    const remote =
      runs.kind === 'ownerOf' ? call.thread.process.descriptors.get(call.int(runs.fd)) : undefined;
    if (remote === undefined || isPositioned) return;
    yield* this.step.direct(call.thread, {
      number: this.step.number('lseek'),
      args: [BigInt(remote.number), BigInt(-bytes), BigInt(constant('SEEK_CUR'))],
    });
  }

  private isLonger(call: Call, done: bigint): boolean {
    const { success, args } = call.row;
    const arg = success.kind === 'count' ? args[success.of] : undefined;
    if (arg?.kind === 'bytes') return call.length(arg.length) > done;
    return arg?.kind === 'iovec';
  }

  private *close(call: Call, { fd }: Named<'closes'>): Steps {
    const { descriptors } = call.thread.process;
    const remote = descriptors.delete(call.int(fd));
    if (remote === undefined) return undefined;
    const result = yield* this.step.close(call.thread, remote.number);
    if (result === 0n) return undefined;
    // close(2) frees the number even when it reports an error.
    yield* this.step.own(call, undefined);
    return result;
  }

  private *closeRange(call: Call, range: Named<'closesRange'>): Steps {
    const { process } = call.thread;
    const fds = process.descriptors.within(call.int(range.first) >>> 0, call.int(range.last) >>> 0);
    const flags = call.int(range.flags);
    if (flags & CLOSE_RANGE_UNSHARE && process.threads.size > 1) {
      return this.refusal(call, {
        side: 'refused',
        errno: errno.EOPNOTSUPP,
        because: 'its threads share a descriptor table that holds remote descriptors',
      });
    }
    for (const fd of fds) {
      const remote = process.descriptors.get(fd);
      if (remote === undefined) continue;
      if (flags & CLOSE_RANGE_CLOEXEC) {
        remote.cloexec = true;
        continue;
      }
      process.descriptors.delete(fd);
      yield* this.step.close(call.thread, remote.number);
    }
    return undefined;
  }

  /** dup(2) and its kin: the twin copies the descriptor, the tracee its placeholder, by the call that it made. */
  private *duplicate(call: Call, { of, at, cloexec }: Success & { kind: 'copyOf' }): Steps {
    const { thread } = call;
    const { descriptors } = thread.process;
    const source = descriptors.get(call.int(of));
    const target = at === undefined ? undefined : descriptors.get(call.int(at));
    if (
      (source === undefined && target === undefined) ||
      (at !== undefined && call.int(of) === call.int(at))
    ) {
      return undefined;
    }
    let copy: RemoteDescriptor | undefined;
    if (source) {
      const { result } = yield* this.step.direct(thread, {
        number: this.step.number('dup'),
        args: [BigInt(source.number)],
      });
      if (result < 0n) return result;
      const marked = cloexec === true || (cloexec !== undefined && this.closesOnExec(call, cloexec));
      copy = { number: Number(result), cloexec: marked, path: source.path };
    }
    const fd = yield* this.step.own(call, undefined);
    if (fd < 0n) {
      if (copy) yield* this.step.close(thread, copy.number);
      return fd;
    }
    const previous = copy ? descriptors.set(Number(fd), copy) : descriptors.delete(Number(fd));
    if (previous) yield* this.step.close(thread, previous.number);
    return fd;
  }

  private *markCloexec(call: Call, { fd, to }: Named<'marksCloexec'>): Steps {
    const remote = call.thread.process.descriptors.get(call.int(fd));
    if (remote === undefined) return undefined;
    const cloexec = typeof to === 'boolean' ? to : (call.int(to) & constant('FD_CLOEXEC')) !== 0;
    const args = [
      BigInt(call.int(fd)),
      BigInt(constant('F_SETFD')),
      cloexec ? BigInt(constant('FD_CLOEXEC')) : 0n,
    ];
    const result = yield* this.step.local(this.step.number('fcntl'), args);
    if (result === 0n) remote.cloexec = cloexec;
    return result;
  }

  private *enterDirectory(call: Call, { into }: Named<'entersDirectory'>): Steps {
    const { process } = call.thread;
    const failed = this.readStrings(call);
    if (failed) return failed;
    const route = this.routeOf(call);
    if (route.side === 'refused') return this.refusal(call, route);
    if (route.side === 'local') {
      if (process.directory.remote === undefined && !route.paths) return undefined;
      const result = yield* this.step.own(call, route.paths);
      if (result === 0n) process.directory.remote = undefined;
      return result;
    }
    const { runs } = call.row;
    const name =
      runs.kind === 'pathOf'
        ? this.router.nameOf(call, runs.at)
        : process.descriptors.get(call.int(into))?.path;
    const result = yield* this.step.remote(call, route);
    if (result === 0n) process.directory.remote = name ?? '/';
    return result;
  }

  /** Programs run here: the path is looked up on the tracee's machine, from where the tracee believes to be. */
  private *execute(call: Call, { at }: Named<'executes'>): Steps {
    const failed = this.readStrings(call);
    if (failed) return failed;
    const [dirfd, path] = at;
    const register = call.index(path);
    if (
      dirfd !== undefined &&
      call.strings[register] === '' &&
      call.thread.process.descriptors.get(call.int(dirfd))
    ) {
      return this.refusal(call, onServer);
    }
    const name = this.router.nameOf(call, at);
    call.thread.nextImage = name;
    const moved = call.strings[register] !== name && this.router.isRelativeToRemote(call, at);
    const result = yield* this.step.own(call, moved ? new Map([[register, name]]) : undefined);
    if (result !== BigInt(-errno.ENOENT) || !this.router.isSelected(call, name)) return result;
    const { result: there } = yield* this.step.direct(call.thread, {
      number: this.step.number('faccessat'),
      args: [BigInt(constant('AT_FDCWD')), 0n, BigInt(constant('X_OK'))],
      strings: [[1, name]],
    });
    return there === 0n ? this.refusal(call, onServer) : result;
  }

  /** A private mapping of a remote file is anonymous memory, filled from the server. */
  private *map(call: Call): Steps {
    const route = this.routeOf(call);
    if (route.side !== 'remote' || call.row.runs.kind !== 'mapping') return undefined;
    const { thread } = call;
    const [addr = 0n, length = 0n, prot = 0n, flags = 0n, , offset = 0n] = call.registers();
    const descriptor = thread.process.descriptors.get(call.int(call.row.runs.fd));
    if (Number(flags) & constant('MAP_ANONYMOUS') || descriptor === undefined) return undefined;
    const writable = (Number(prot) & constant('PROT_WRITE')) !== 0;
    if ((Number(flags) & MAP_TYPE) !== constant('MAP_PRIVATE') && writable) {
      return yield* this.refuseShared(call, descriptor);
    }
    const readAt = (from: bigint) =>
      this.step.direct(thread, {
        number: this.step.number('pread64'),
        args: [BigInt(descriptor.number), 0n, min(length - from, BigInt(MAX_PAYLOAD)), offset + from],
        output: { register: 1, size: Number(min(length - from, BigInt(MAX_PAYLOAD))), counted: true },
      });
    let { result, outputs } = yield* readAt(0n);
    if (result < 0n) return BigInt(-(mapErrors[-Number(result)] ?? -Number(result)));
    // The answer's bytes are gone with the next frame; the mapping has to be made before they can be put there.
    let bytes = Uint8Array.from(outputs[0] ?? []);
    const mapped = yield* this.step.local(call.number, [
      addr,
      length,
      prot | BigInt(constant('PROT_WRITE')),
      (flags & ~BigInt(MAP_TYPE)) | BigInt(constant('MAP_PRIVATE') | constant('MAP_ANONYMOUS')),
      -1n,
      0n,
    ]);
    if (mapped < 0n && mapped >= -4095n) return mapped;
    for (let filled = 0n; bytes.length > 0;) {
      if (this.step.write(thread, mapped + filled, bytes) < bytes.length) return BigInt(-errno.EFAULT);
      filled += BigInt(bytes.length);
      if (filled >= length) break;
      ({ result, outputs } = yield* readAt(filled));
      if (result < 0n) return result;
      bytes = Uint8Array.from(outputs[0] ?? []);
    }
    if (!writable) yield* this.step.local(this.step.number('mprotect'), [mapped, length, prot]);
    return mapped;
  }

  private *refuseShared(call: Call, descriptor: RemoteDescriptor): Part<bigint> {
    const args = [BigInt(descriptor.number), BigInt(constant('F_GETFL'))];
    const { result } = yield* this.step.direct(call.thread, { number: this.step.number('fcntl'), args });
    if (result < 0n) return result;
    if ((Number(result) & constant('O_ACCMODE')) !== constant('O_RDWR')) return BigInt(-errno.EACCES);
    return this.refusal(call, {
      side: 'refused',
      errno: errno.ENODEV,
      because: 'shared writable maps of remote files are not supported yet',
    });
  }

  /** Waiting on several descriptors runs here while all of them are here. */
  private *watch(call: Call): Steps {
    const { runs } = call.row;
    const { descriptors } = call.thread.process;
    if (runs.kind !== 'ownersIn' || descriptors.isEmpty) return undefined;
    const watched = runs.fds.flatMap((name) => this.descriptorsIn(call, name));
    if (!watched.some((fd) => descriptors.get(fd))) return undefined;
    return this.refusal(call, {
      side: 'refused',
      errno: errno.ENOSYS,
      because: 'a remote descriptor cannot be waited for yet',
    });
  }

  /** The descriptors that an argument holds. Memory that cannot be read holds none: the kernel will answer EFAULT. */
  private descriptorsIn(call: Call, name: string): number[] {
    const arg = call.row.args[name];
    const pointer = call.arg(name);
    if (arg?.kind === 'fd') return [call.int(name)];
    if (pointer === 0n || (arg?.kind !== 'pollfds' && arg?.kind !== 'fdset')) return [];
    const count = call.int(arg.count);
    const bytes = Buffer.alloc(
      Math.min(Math.max(arg.kind === 'pollfds' ? count * 8 : Math.ceil(count / 8), 0), 1 << 20),
    );
    if (this.step.read(call.thread, pointer, bytes) < bytes.length) return [];
    if (arg.kind === 'pollfds')
      return Array.from({ length: count }, (_, index) => bytes.readInt32LE(index * 8));
    return Array.from({ length: count }, (_, fd) => fd).filter(
      (fd) => ((bytes[fd >> 3] ?? 0) >> (fd & 7)) & 1,
    );
  }

  private *refuse(call: Call): Steps {
    const route = this.routeOf(call);
    return route.side === 'refused' ? this.refusal(call, route) : undefined;
  }

  private refusal(call: Call, { errno: number, because }: Route & { side: 'refused' }): bigint {
    if (because !== undefined) this.warn(call, number, because);
    return BigInt(-number);
  }

  private routeOf(call: Call): Route {
    const route = this.router.routeOf(call);
    const { facts } = call.row;
    if (route.side === 'remote') {
      const unsupported = facts.find((fact) => fact.kind === 'remoteUnsupported');
      if (unsupported?.kind !== 'remoteUnsupported') return route;
      return { side: 'refused', errno: errno[unsupported.errno], because: unsupported.because };
    }
    return route;
  }

  /** The remote descriptor that the call names by a path of this machine, /proc/self/fd/N, where its placeholder is. */
  private descriptorNamed(call: Call): NamedDescriptor | undefined {
    const { runs } = call.row;
    if (runs.kind !== 'pathOf' || call.thread.process.descriptors.isEmpty) return undefined;
    return descriptorNamed(call.thread.process, this.router.nameOf(call, runs.at));
  }

  /** Such a path leads to the file of the descriptor: by the name that it was opened by, as long as that is its name. */
  private *followName(call: Call, { fd, below }: NamedDescriptor): Part<bigint | undefined> {
    const { runs, facts, args } = call.row;
    const remote = call.thread.process.descriptors.get(fd);
    if (remote === undefined || runs.kind !== 'pathOf') return undefined;
    const isItsName =
      remote.path !== undefined && (yield* this.step.isSameFile(call.thread, remote.number, remote.path));
    const readsLink = facts.find((fact) => fact.kind === 'readsLink');
    if (readsLink?.kind === 'readsLink' && below === '') {
      const into = args[readsLink.into];
      const text = Buffer.from(`${remote.path ?? '/'}${isItsName ? '' : ' (deleted)'}`, 'latin1');
      const room = into?.kind === 'bytes' ? Number(call.length(into.length)) : 0;
      if (room <= 0) return BigInt(-errno.EINVAL);
      const written = this.step.write(call.thread, call.arg(readsLink.into), text.subarray(0, room));
      return BigInt(written < 0 ? -errno.EFAULT : written);
    }
    if (!isItsName) {
      return this.refusal(call, {
        side: 'refused',
        errno: errno.EOPNOTSUPP,
        because: `remote descriptor ${fd} is named by /proc, and its file has lost the name that it was opened by`,
      });
    }
    const path = `${remote.path ?? ''}${below}`;
    return yield* this.followThere(call, {
      side: 'remote',
      paths: new Map([[call.index(runs.at[1]), path]]),
    });
  }

  /** Reads the call's strings. A negated errno when one of them cannot be had. */
  private readStrings(call: Call): bigint | undefined {
    const { row, thread } = call;
    for (let index = 0; index < row.names.length; index++) {
      if (row.args[row.names[index] ?? '']?.kind !== 'string') continue;
      const pointer = thread.registers.argument(index);
      if (pointer === 0n) continue;
      const length = this.step.kernel.readString(thread.process.pid, pointer, this.text, 0, PATH_MAX);
      if (length < 0) return BigInt(length);
      call.strings[index] = this.text.toString('latin1', 0, length);
    }
    return undefined;
  }

  private readonly text = Buffer.alloc(PATH_MAX);

  /** Whether the argument has O_CLOEXEC; of a struct its first word has the flags (openat2(2)). */
  private closesOnExec(call: Call, name: string): boolean {
    const pointsToFlags = call.row.args[name]?.kind === 'bytes';
    if (!pointsToFlags) return (call.int(name) & constant('O_CLOEXEC')) !== 0;
    const word = Buffer.alloc(8);
    this.step.read(call.thread, call.arg(name), word);
    return (word.readUInt32LE() & constant('O_CLOEXEC')) !== 0;
  }
}

const onServer = {
  side: 'refused',
  errno: errno.EOPNOTSUPP,
  because: 'the program is on the server, and programs run from here',
} as const;

/** What mmap(2) answers where pread(2) answers otherwise: not readable, not a file that can be mapped. */
const mapErrors: Readonly<Record<number, number>> = {
  [errno.EBADF]: errno.EACCES,
  [errno.EISDIR]: errno.ENODEV,
  [errno.ESPIPE]: errno.ENODEV,
};

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
