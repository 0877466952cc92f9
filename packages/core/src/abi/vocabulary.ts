/**
 * The words in which the syscall table is written. A row is plain frozen data made of these words; all that rsc knows
 * of a call (marshalling, routing, filters, printing, docs) is read from its row. Code that would need a closure in a
 * row gets a new word here.
 */
import type { ConstantName } from './constants.js';
import type { FlagSet } from './flags.js';
import type { StructName } from './structs.js';
import type { ErrnoName } from './errno.js';

/** Which way the bytes behind a pointer travel, seen from the tracee: `in` to the kernel, `out` to the program. */
export type Direction = 'in' | 'out' | 'inout';

/**
 * One argument register. `N` is the union of the names of the call's arguments, so that a word which names a sibling
 * is checked by the compiler. Sizes are in bytes. A null pointer is always passed on as null.
 */
export type Arg<N extends string = string> =
  /** A descriptor number; `atFdcwd`: AT_FDCWD is allowed and means the working directory. */
  | { readonly kind: 'fd'; readonly atFdcwd: boolean }
  /**
   * A scalar. `set` names the flags that it is printed with. `position`: a place in a file, which moves with the bytes; `own`: -1
   * is the place where the file is.
   * `creating`: it only counts where that sibling has O_CREAT or O_TMPFILE (open(2)).
   */
  | {
      readonly kind: 'number';
      readonly bits: 32 | 64;
      readonly signed: boolean;
      readonly set?: FlagSet;
      readonly octal?: true;
      readonly hex?: true;
      /** The upper half of a place, of which 64 bits have nothing. */
      readonly upperHalf?: true;
      /** The number of a device, where the mode in that sibling is that of one (mknod(2)). */
      readonly deviceOf?: N;
      readonly position?: true | 'own';
      readonly creating?: N;
    }
  /** An address that only means something in the tracee: never followed, never sent. */
  | { readonly kind: 'addr' }
  /** A NUL-terminated string going in: a path that decides where the call runs, or just text (an xattr's name). */
  | { readonly kind: 'string'; readonly path: boolean }
  /** As many bytes as the sibling `length` says; `as`: what they are, where they are no text. */
  | {
      readonly kind: 'bytes';
      readonly direction: Direction;
      readonly length: N;
      readonly as?: StructName | 'records';
    }
  /** One struct of fixed size. */
  | { readonly kind: 'struct'; readonly direction: Direction; readonly struct: StructName }
  /** A struct of `length` bytes with a pointer to more, which travel in `direction`: where and how many, its fields say. */
  | {
      readonly kind: 'pointing';
      readonly direction: 'in' | 'out';
      readonly struct: StructName;
      readonly fields: readonly [pointer: string, size: string];
      readonly length: N;
    }
  /** `count` struct iovec (readv(2)), whose buffers travel in `direction`. */
  | { readonly kind: 'iovec'; readonly direction: 'in' | 'out'; readonly count: N }
  /** What ioctl(2) points to: direction and size stand in the request number (linux/ioctl.h). */
  | { readonly kind: 'ioctl'; readonly request: N }
  /** `count` struct pollfd (poll(2)); the descriptors in them decide where the call runs. */
  | { readonly kind: 'pollfds'; readonly count: N }
  /** A select(2) bitmap of `count` descriptors. */
  | { readonly kind: 'fdset'; readonly count: N };

export const fd = { kind: 'fd', atFdcwd: false } as const;
export const dirfd = { kind: 'fd', atFdcwd: true } as const;
export const u32 = { kind: 'number', bits: 32, signed: false } as const;
export const i32 = { kind: 'number', bits: 32, signed: true } as const;
export const u64 = { kind: 'number', bits: 64, signed: false } as const;
export const i64 = { kind: 'number', bits: 64, signed: true } as const;
/** A place in a file: where a call is made in pieces, each piece begins behind the last one. */
export const position = { kind: 'number', bits: 64, signed: true, position: true } as const;
/** The same, but -1 stands for the file's own place (preadv2(2)). */
export const positionOrOwn = { ...position, position: 'own' } as const;
/** A file mode, printed in octal. */
export const mode = { kind: 'number', bits: 32, signed: false, octal: true } as const;
/** The mode of a file that the call makes only where `openFlags` says so. */
export function modeIfCreating<const N extends string>(openFlags: N) {
  return { ...mode, creating: openFlags } as const;
}

/** A number that is read in hexadecimal. */
export const hex64 = { ...u64, hex: true } as const;
/** Of a place in a file, what a register of 64 bits has no need of (preadv(2)). */
export const upperHalf = { ...u64, upperHalf: true } as const;
/** A device number, which counts where `modeName` has the mode of a device. */
export function deviceIn<const N extends string>(modeName: N) {
  return { ...u32, deviceOf: modeName } as const;
}

export const addr = { kind: 'addr' } as const;
export const path = { kind: 'string', path: true } as const;
export const text = { kind: 'string', path: false } as const;

/** A 64-bit scalar printed with the names of `set`. */
export function flags64<const S extends FlagSet>(set: S) {
  return { kind: 'number', bits: 64, signed: false, set } as const;
}

/** A 32-bit scalar printed with the names of `set` (`flags('O_')`). */
export function flags<const S extends FlagSet>(set: S) {
  return { kind: 'number', bits: 32, signed: true, set } as const;
}

export function inBytes<const N extends string>(length: N) {
  return { kind: 'bytes', direction: 'in', length } as const;
}

export function outBytes<const N extends string>(length: N) {
  return { kind: 'bytes', direction: 'out', length } as const;
}

/** A struct that grows with the kernel, whose size is told by the sibling `length` (openat2(2)). */
export function inSized<const N extends string>(as: StructName, length: N) {
  return { kind: 'bytes', direction: 'in', length, as } as const;
}

/** Records that are no text, as many bytes as the sibling `length` has room for (getdents64(2)). */
export function outRecords<const N extends string>(length: N) {
  return { kind: 'bytes', direction: 'out', length, as: 'records' } as const;
}

export function inStruct(struct: StructName) {
  return { kind: 'struct', direction: 'in', struct } as const;
}

export function outStruct(struct: StructName) {
  return { kind: 'struct', direction: 'out', struct } as const;
}

export function inOutStruct(struct: StructName) {
  return { kind: 'struct', direction: 'inout', struct } as const;
}

/** `pointing('in', 'xattr_args', ['value', 'size'], 'size')`: the last is the sibling with the size of the struct itself. */
export function pointing<const N extends string>(
  direction: 'in' | 'out',
  struct: StructName,
  fields: readonly [pointer: string, size: string],
  length: N,
) {
  return { kind: 'pointing', direction, struct, fields, length } as const;
}

export function inIovec<const N extends string>(count: N) {
  return { kind: 'iovec', direction: 'in', count } as const;
}

export function outIovec<const N extends string>(count: N) {
  return { kind: 'iovec', direction: 'out', count } as const;
}

export function ioctlData<const N extends string>(request: N) {
  return { kind: 'ioctl', request } as const;
}

export function pollFds<const N extends string>(count: N) {
  return { kind: 'pollfds', count } as const;
}

export function fdSet<const N extends string>(count: N) {
  return { kind: 'fdset', count } as const;
}

/** What the result means when it is not a negated errno. */
export type Success<N extends string = string> =
  | { readonly kind: 'zero' }
  /** Any number, or an address; nothing follows from it. */
  | { readonly kind: 'value'; readonly base?: 8 | 16 }
  /**
   * How many bytes of the argument `of` are valid (out) or were taken (in); more than its length: none (getxattr(2)). `whole`: they
   * are one thing, of which there is no part.
   */
  | { readonly kind: 'count'; readonly of: N; readonly whole?: true }
  /** A new descriptor; `cloexec` names the argument whose O_CLOEXEC bit says if it closes on exec. */
  | { readonly kind: 'newFd'; readonly cloexec?: N }
  /**
   * A copy of the descriptor `of`: at exactly `at`, or at the lowest free number not under `from`, or the lowest.
   * `cloexec`: always, or where the named argument has O_CLOEXEC.
   */
  | {
      readonly kind: 'copyOf';
      readonly of: N;
      readonly at?: N;
      readonly from?: N;
      readonly cloexec?: N | true;
    }
  /** The call does not come back when it succeeds. */
  | { readonly kind: 'never' };

export const zero = { kind: 'zero' } as const;
export const value = { kind: 'value' } as const;
/** An address in the tracee, or bits. */
export const hexValue = { kind: 'value', base: 16 } as const;
/** A file mode. */
export const octalValue = { kind: 'value', base: 8 } as const;
export const never = { kind: 'never' } as const;

export function countOf<const N extends string>(of: N) {
  return { kind: 'count', of } as const;
}

/** The length of what is in `of`: a name, a value. Where not all of it can be stored, nothing is (EFAULT). */
export function lengthOf<const N extends string>(of: N) {
  return { kind: 'count', of, whole: true } as const;
}

/** `cloexec`: the argument with O_CLOEXEC in it; of a struct, its first 64 bits (openat2's open_how). */
export function newFd<const N extends string = never>(cloexec?: N) {
  return (cloexec === undefined ? { kind: 'newFd' } : { kind: 'newFd', cloexec }) as {
    readonly kind: 'newFd';
    readonly cloexec?: N;
  };
}

export function copyOf<const N extends string>(
  of: N,
  where: { readonly at?: N; readonly from?: N; readonly cloexec?: N | true } = {},
) {
  return { kind: 'copyOf', of, ...where } as const;
}

/** Where a call runs, when the policy's set has chosen it. A path or descriptor is always taken as the kernel would. */
export type Placement<N extends string = string> =
  /** In the tracee, always: the tracer does not even stop it unless a fact asks for that. */
  | { readonly kind: 'local' }
  /** On the side that has the descriptor. */
  | { readonly kind: 'ownerOf'; readonly fd: N }
  /** On the side that has both descriptors; on different sides the answer is `mixed`: of what programs do not expect, because. */
  | {
      readonly kind: 'ownersOf';
      readonly fds: readonly [N, N];
      readonly mixed: ErrnoName;
      readonly because?: string;
    }
  /** Where the path leads: relative to `dirfd`, or to the working directory. An empty path means the owner of dirfd. */
  | { readonly kind: 'pathOf'; readonly at: PathAt<N> }
  /** As pathOf, for two paths; on different sides the answer is EXDEV. */
  | { readonly kind: 'pathsOf'; readonly from: PathAt<N>; readonly to: PathAt<N> }
  /** On the side where the working directory is. */
  | { readonly kind: 'cwd' }
  /** On the server. */
  | { readonly kind: 'remote' }
  /** On both sides, with the server's result. */
  | { readonly kind: 'both' }
  /** Local, unless the user names this very call. */
  | { readonly kind: 'namedOnly' }
  /**
   * On the sides that have the descriptors in `fds`. Of sets the first has those to be read.
   */
  | { readonly kind: 'ownersIn'; readonly fds: readonly N[] }
  /** mmap: anonymous is local; of a descriptor, the side that has it. */
  | { readonly kind: 'mapping'; readonly fd: N; readonly flags: N }
  /** Not supported where the policy has chosen it: answered with `errno`, never run. */
  | { readonly kind: 'refused'; readonly errno: ErrnoName; readonly because: string };

/** A path argument and the descriptor argument that it is relative to (none: the working directory). */
export type PathAt<N extends string = string> = readonly [dirfd: N | undefined, path: N];

export const local = { kind: 'local' } as const;
export const cwd = { kind: 'cwd' } as const;
export const remote = { kind: 'remote' } as const;
export const both = { kind: 'both' } as const;
export const namedOnly = { kind: 'namedOnly' } as const;

export function ownerOf<const N extends string>(descriptor: N) {
  return { kind: 'ownerOf', fd: descriptor } as const;
}

export function ownersOf<const A extends string, const B extends string>(
  a: A,
  b: B,
  mixed: ErrnoName,
  because?: string,
) {
  return { kind: 'ownersOf', fds: [a, b], mixed, ...(because !== undefined && { because }) } as const;
}

/** `pathOf('pathname')` or `pathOf('dirfd', 'pathname')`. */
export function pathOf<const P extends string>(
  pathname: P,
): { readonly kind: 'pathOf'; readonly at: readonly [undefined, P] };
export function pathOf<const D extends string, const P extends string>(
  dirfd: D,
  pathname: P,
): { readonly kind: 'pathOf'; readonly at: readonly [D, P] };
export function pathOf(first: string, second?: string): { readonly kind: 'pathOf'; readonly at: PathAt } {
  return { kind: 'pathOf', at: second === undefined ? [undefined, first] : [first, second] };
}

export function pathsOf<const A extends PathAt, const B extends PathAt>(from: A, to: B) {
  return { kind: 'pathsOf', from, to } as const;
}

export function ownersIn<const N extends string>(...fds: readonly N[]) {
  return { kind: 'ownersIn', fds } as const;
}

export function mapping<const F extends string, const G extends string>(descriptor: F, mapFlags: G) {
  return { kind: 'mapping', fd: descriptor, flags: mapFlags } as const;
}

export function refused(errno: ErrnoName, because: string) {
  return { kind: 'refused', errno, because } as const;
}

/** What else the tracer and the server must know of a call. */
export type Fact<N extends string = string> =
  /** The call may wait for somebody else: always, unless `fd` is a regular file, or unless the path names one. */
  | { readonly kind: 'blocks'; readonly unlessRegular?: N; readonly unlessRegularPath?: PathAt<N> }
  /**
   * Waits until `after` at the latest: milliseconds, or a struct, into which the time that is left is written where it is inout. A
   * signal that has a handler ends it with EINTR, whatever SA_RESTART says; after others it goes on with the time that is left.
   */
  | { readonly kind: 'timesOut'; readonly after: N }
  /** Blocks the signals in `mask` while it waits: `size` bytes of them, or a pointer to them and their size (pselect6). */
  | { readonly kind: 'masksSignals'; readonly mask: N; readonly size?: N }
  /** Makes an object of this machine, of which the twin gets one too when something remote shall be in it. */
  | { readonly kind: 'paired'; readonly as: 'epoll' | 'inotify' }
  /** Makes an inotify instance watch a path. */
  | { readonly kind: 'addsWatch'; readonly to: N }
  /** Adds, changes or removes by `op` what an epoll waits for: the descriptor `fd`, and the struct at `event`. */
  | { readonly kind: 'setsInterest'; readonly epoll: N; readonly op: N; readonly fd: N; readonly event: N }
  /** Takes at most `max` events from an epoll, to `events`. */
  | { readonly kind: 'collects'; readonly epoll: N; readonly events: N; readonly max: N }
  /**
   * Fails with EINTR when its thread is made to stop and goes on without a signal (signal(7), "Interruption of system calls and
   * library functions by stop signals").
   */
  | { readonly kind: 'failsWhenStopped' }
  /** How the kernel goes on with a call that a signal without a handler has interrupted (restart_syscall(2)). */
  | { readonly kind: 'resumes' }
  /** The descriptor is closed, whatever the result. */
  | { readonly kind: 'closes'; readonly fd: N }
  /** All descriptors of a range are closed, or marked close-on-exec (close_range(2)). */
  | { readonly kind: 'closesRange'; readonly first: N; readonly last: N; readonly flags: N }
  /** On success the working directory is the path or descriptor `into`. */
  | { readonly kind: 'entersDirectory'; readonly into: N }
  /** Sets the descriptor's close-on-exec mark: to bit 0 of the argument `to`, or to a constant. */
  | { readonly kind: 'marksCloexec'; readonly fd: N; readonly to: N | boolean }
  /** Gives a file another name: with AT_SYMLINK_FOLLOW in `flags` that of an open one, which /proc/self/fd names (linkat(2)). */
  | { readonly kind: 'links'; readonly from: PathAt<N>; readonly flags: N }
  /** Is about a link itself, where its path ends with one: always, or where `flags` has the constant. */
  | { readonly kind: 'takesLink'; readonly flags?: N; readonly bit?: LinkBit }
  /** Gives a file one more name; without this, a call on two paths gives it another. */
  | { readonly kind: 'addsName' }
  /** Makes a symbolic link that leads to `target`. */
  | { readonly kind: 'makesLink'; readonly target: N }
  /** Reads where the symbolic link at the path leads, into `into`. */
  | { readonly kind: 'readsLink'; readonly into: N }
  /** Replaces the program by the image at the path (execve(2)). */
  | { readonly kind: 'executes'; readonly at: PathAt<N> }
  /** Makes a task; `flags` names the argument with CLONE_* in it, of a struct its first 64 bits. None: a plain fork. */
  | { readonly kind: 'spawns'; readonly flags?: N }
  /**
   * Moves `length` bytes from one descriptor to another, which may be on different sides. `at`, `into`: pointers to the offsets
   * that are used in place of the files' own. `flags`: those of a call one of whose ends is a pipe (splice(2)).
   */
  | {
      readonly kind: 'pumps';
      readonly from: N;
      readonly at: N;
      readonly to: N;
      readonly into?: N;
      readonly length: N;
      readonly flags?: N;
    }
  /** A range of memory is mapped no more (munmap(2)). */
  | { readonly kind: 'unmaps'; readonly addr: N; readonly length: N }
  /** A map gets another length, and the address that comes back (mremap(2)). */
  | { readonly kind: 'remaps'; readonly addr: N; readonly length: N; readonly to: N; readonly flags: N }
  /** Stores in shared maps of a range reach the file (msync(2)). */
  | { readonly kind: 'syncsMaps'; readonly addr: N; readonly length: N; readonly flags: N }
  /** Shared maps of the descriptor's file and the file become the same: what makes it durable, and locks. */
  | { readonly kind: 'syncsFile'; readonly fd: N }
  /** Changes the length of a file that it knows by its path (truncate(2)). */
  | { readonly kind: 'resizes' }
  /** Local objects only: where the call would run remotely it is answered with `errno`. */
  | { readonly kind: 'remoteUnsupported'; readonly errno: ErrnoName; readonly because: string }
  /** Goes past the tracer for good: refused wherever anything of the tracee is remote. */
  | { readonly kind: 'bypasses' }
  /** Changes nothing, wherever it runs: nobody notices a run here whose answer is not used. */
  | { readonly kind: 'looks' }
  /** An answer of something cannot be had again. */
  | { readonly kind: 'answersOnce' }
  /** Writes its results over what it was asked with: sets for as many descriptors as `count` says, and a time. */
  | { readonly kind: 'overwrites'; readonly count: N; readonly sets: readonly N[]; readonly time: N }
  /** A hook of the kernel by which the call can be kept from its effect here, besides those that its paths and success tell. */
  | { readonly kind: 'vetoedBy'; readonly hook: Hook }
  /** What the row does not do, in words, for the docs. */
  | { readonly kind: 'caveat'; readonly text: string };

/** Functions of the kernel, security_NAME, that a call asks before it does something, and that can refuse it. */
export type Hook =
  /** Asked of every directory that a path leads through, and of what is opened at its end. */
  | 'inode_permission'
  /** Asked when a file is about to be open, before a path is followed. */
  | 'file_alloc'
  /** Asked when a descriptor is about to be had of a file that another process has open. */
  | 'file_receive'
  | 'inode_setattr'
  | 'inode_setxattr'
  | 'inode_removexattr'
  /** Asked of what needs privilege. */
  | 'capable'
  | 'task_kill';

/** Waits for somebody else always (a lock), or unless the descriptor `fd` is a regular file. */
export function blocks<const N extends string = never>(unlessRegular?: N) {
  return (unlessRegular === undefined ? { kind: 'blocks' } : { kind: 'blocks', unlessRegular }) as {
    readonly kind: 'blocks';
    readonly unlessRegular?: N;
  };
}

/** Waits when the path names a FIFO or a device. */
export function blocksOpening<const P extends PathAt>(at: P) {
  return { kind: 'blocks', unlessRegularPath: at } as const;
}

export function timesOut<const N extends string>(after: N) {
  return { kind: 'timesOut', after } as const;
}

/** `masksSignals('sigmask', 'sigsetsize')`, or without a size where the pointer leads to a pointer and a size. */
export function masksSignals<const N extends string>(mask: N, size?: N) {
  return size === undefined
    ? ({ kind: 'masksSignals', mask } as const)
    : ({ kind: 'masksSignals', mask, size } as const);
}

export function paired(as: 'epoll' | 'inotify') {
  return { kind: 'paired', as } as const;
}

export function addsWatch<const N extends string>(instance: N) {
  return { kind: 'addsWatch', to: instance } as const;
}

export function setsInterest<const N extends string>(words: {
  readonly epoll: N;
  readonly op: N;
  readonly fd: N;
  readonly event: N;
}) {
  return { kind: 'setsInterest', ...words } as const;
}

export function collects<const N extends string>(words: {
  readonly epoll: N;
  readonly events: N;
  readonly max: N;
}) {
  return { kind: 'collects', ...words } as const;
}

export const resumes = { kind: 'resumes' } as const;
export const failsWhenStopped = { kind: 'failsWhenStopped' } as const;

export function closes<const N extends string>(descriptor: N) {
  return { kind: 'closes', fd: descriptor } as const;
}

export function closesRange<const A extends string, const B extends string, const C extends string>(
  first: A,
  last: B,
  rangeFlags: C,
) {
  return { kind: 'closesRange', first, last, flags: rangeFlags } as const;
}

export function entersDirectory<const N extends string>(into: N) {
  return { kind: 'entersDirectory', into } as const;
}

export function marksCloexec<const N extends string, const T extends string | boolean>(descriptor: N, to: T) {
  return { kind: 'marksCloexec', fd: descriptor, to } as const;
}

export function links<const P extends PathAt, const F extends string>(from: P, linkFlags: F) {
  return { kind: 'links', from, flags: linkFlags } as const;
}

export const addsName = { kind: 'addsName' } as const;

export function makesLink<const N extends string>(target: N) {
  return { kind: 'makesLink', target } as const;
}

export const takesLink = { kind: 'takesLink' } as const;

type LinkBit = 'O_NOFOLLOW' | 'AT_SYMLINK_NOFOLLOW';

export function takesLinkIf<const F extends string>(linkFlags: F, bit: LinkBit) {
  return { kind: 'takesLink', flags: linkFlags, bit } as const;
}

export function readsLink<const N extends string>(into: N) {
  return { kind: 'readsLink', into } as const;
}

export function executes<const P extends PathAt>(at: P) {
  return { kind: 'executes', at } as const;
}

export function pumps<const N extends string>(words: {
  readonly from: N;
  readonly at: N;
  readonly to: N;
  readonly into?: N;
  readonly length: N;
  readonly flags?: N;
}) {
  return { kind: 'pumps', ...words } as const;
}

export function unmaps<const A extends string, const L extends string>(at: A, length: L) {
  return { kind: 'unmaps', addr: at, length } as const;
}

export function remaps<
  const A extends string,
  const L extends string,
  const T extends string,
  const F extends string,
>(at: A, length: L, to: T, remapFlags: F) {
  return { kind: 'remaps', addr: at, length, to, flags: remapFlags } as const;
}

export function syncsMaps<const A extends string, const L extends string, const F extends string>(
  at: A,
  length: L,
  syncFlags: F,
) {
  return { kind: 'syncsMaps', addr: at, length, flags: syncFlags } as const;
}

export function syncsFile<const N extends string>(descriptor: N) {
  return { kind: 'syncsFile', fd: descriptor } as const;
}

export function spawns<const N extends string = never>(cloneFlags?: N) {
  return (cloneFlags === undefined ? { kind: 'spawns' } : { kind: 'spawns', flags: cloneFlags }) as {
    readonly kind: 'spawns';
    readonly flags?: N;
  };
}

/** Runs where its placement says, but what is remote is answered with `errno`, because of what. */
export function remoteUnsupported(errno: ErrnoName, because: string) {
  return { kind: 'remoteUnsupported', errno, because } as const;
}

export const resizes = { kind: 'resizes' } as const;

export const bypasses = { kind: 'bypasses' } as const;

export const answersOnce = { kind: 'answersOnce' } as const;

export function overwrites<const N extends string>(count: N, sets: readonly N[], time: N) {
  return { kind: 'overwrites', count, sets, time } as const;
}

export const looks = { kind: 'looks' } as const;

export function vetoedBy(hook: Hook) {
  return { kind: 'vetoedBy', hook } as const;
}

export function caveat(words: string) {
  return { kind: 'caveat', text: words } as const;
}

/** The arguments of a row, by name, in register order. */
export type Args = Readonly<Record<string, Arg>>;

/** A syscall, or one command of a multiplexed syscall. */
export interface Row<A extends Args = Args> {
  readonly kind: 'row';
  readonly args: A;
  /** The names of `args`: the index is the register. */
  readonly names: readonly string[];
  /** The values of `args`: the index is the register. */
  readonly order: readonly Arg[];
  readonly success: Success;
  readonly runs: Placement;
  readonly facts: readonly Fact[];
}

/** A syscall whose arguments depend on a command: one row for each command that is known, one for all others. */
export interface Variants {
  readonly kind: 'variants';
  /** The index of the register that holds the command. */
  readonly by: number;
  readonly set: FlagSet;
  readonly rows: Readonly<Partial<Record<ConstantName, Row>>>;
  readonly otherwise: Row;
}

export type Entry = Row | Variants;

type Names<A> = keyof A & string;

/**
 * Makes a row. The names of siblings in arguments, success, placement and facts are checked by the compiler:
 * `call({ fd, buf: outBytes('cuont'), count: u64 }, ...)` does not compile.
 */
export function call<const A extends { readonly [K in keyof A]: Arg<Names<A>> }>(
  args: A,
  success: Success<NoInfer<Names<A>>>,
  runs: Placement<NoInfer<Names<A>>>,
  ...facts: Fact<NoInfer<Names<A>>>[]
): Row<A & Args> {
  const names = Object.keys(args) as Names<A>[];
  if (names.length > 6)
    throw new TypeError(`a call has at most 6 arguments, not ${names.length}: ${names.join(', ')}`);
  return deepFreeze({
    kind: 'row',
    args: args as A & Args,
    names,
    order: Object.values(args),
    success,
    runs,
    facts,
  } as Row<A & Args>);
}

/** A row without arguments, of a call that is always local: why they are not described. */
export function localCall(because: string): Row {
  return call({}, value, local, caveat(because));
}

/** Makes the rows of a multiplexed call: `by` is the argument with the command, whose constants are those of `set`. */
export function callBy<const S extends FlagSet>(
  by: { readonly index: number; readonly set: S },
  rows: Readonly<Partial<Record<ConstantName, Row>>>,
  otherwise: Row,
): Variants {
  return deepFreeze({ kind: 'variants', by: by.index, set: by.set, rows, otherwise });
}

function deepFreeze<T extends object>(tree: T): T {
  for (const branch of Object.values(tree)) {
    if (typeof branch === 'object' && branch !== null && !Object.isFrozen(branch)) deepFreeze(branch);
  }
  return Object.freeze(tree);
}
