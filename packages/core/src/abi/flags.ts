import { constantIn, constantNames, type Arch, type ConstantName } from './constants.js';

/** How a scalar is made of constants: of several bits, or of exactly one. */
type Style = 'bits' | 'one';

interface SetOfNames {
  readonly style: Style;
  /** Which constants belong to it: in the order in which they are printed, or all that match in order of value. */
  readonly names: readonly ConstantName[] | RegExp;
  /** Bits that are a number of their own, of which exactly one name holds. */
  readonly field?: { readonly mask: ConstantName; readonly names: readonly ConstantName[] };
}

function bits(names: SetOfNames['names'], field?: SetOfNames['field']): SetOfNames {
  return field === undefined ? { style: 'bits', names } : { style: 'bits', names, field };
}

function one(names: SetOfNames['names']): SetOfNames {
  return { style: 'one', names };
}

const sets = {
  AF_: one(/^AF_/),
  AT_: bits(['AT_SYMLINK_NOFOLLOW', 'AT_SYMLINK_FOLLOW', 'AT_NO_AUTOMOUNT', 'AT_EMPTY_PATH', 'AT_RECURSIVE']),
  AT_EACCESS: bits(['AT_EACCESS', 'AT_SYMLINK_NOFOLLOW', 'AT_EMPTY_PATH']),
  AT_HANDLE_: bits(['AT_HANDLE_FID', 'AT_SYMLINK_FOLLOW', 'AT_EMPTY_PATH']),
  AT_REMOVEDIR: bits(['AT_REMOVEDIR']),
  AT_STATX_: bits(['AT_SYMLINK_NOFOLLOW', 'AT_NO_AUTOMOUNT', 'AT_EMPTY_PATH'], {
    mask: 'AT_STATX_SYNC_TYPE',
    names: ['AT_STATX_SYNC_AS_STAT', 'AT_STATX_FORCE_SYNC', 'AT_STATX_DONT_SYNC'],
  }),
  CLOCK_: one(/^CLOCK_/),
  CLONE_: bits(/^CLONE_(?!ARGS)/),
  CLOSE_RANGE_: bits(/^CLOSE_RANGE_/),
  DN_: bits(/^DN_/),
  EFD_: bits(['EFD_SEMAPHORE', 'EFD_CLOEXEC', 'EFD_NONBLOCK']),
  EPOLL_CLOEXEC: bits(['EPOLL_CLOEXEC']),
  EPOLL_CTL_: one(/^EPOLL_CTL_/),
  F_: one(/^F_(GET|SET|OFD|DUP|NOTIFY|CANCEL|CREATED|ADD)/),
  F_LCK: one(['F_RDLCK', 'F_WRLCK', 'F_UNLCK']),
  F_SEAL_: bits(/^F_SEAL_/),
  FALLOC_FL_: bits(/^FALLOC_FL_(?!ALLOCATE)/),
  FD_CLOEXEC: bits(['FD_CLOEXEC']),
  FSMOUNT_: bits(['FSMOUNT_CLOEXEC']),
  FSOPEN_: bits(/^FSOPEN_/),
  FSPICK_: bits(/^FSPICK_/),
  GRND_: bits(/^GRND_/),
  IN_: bits(/^IN_(?!CLOEXEC|NONBLOCK)/),
  IN_CLOEXEC: bits(['IN_CLOEXEC', 'IN_NONBLOCK']),
  LOCK_: bits(['LOCK_SH', 'LOCK_EX', 'LOCK_NB', 'LOCK_UN', 'LOCK_MAND', 'LOCK_READ', 'LOCK_WRITE']),
  MADV_: one(/^MADV_/),
  MAP_: bits(/^MAP_(?!HUGE_|TYPE|FILE)/),
  MCL_: bits(/^MCL_/),
  MFD_: bits(/^MFD_(?!HUGE_)/),
  MLOCK_: bits(/^MLOCK_/),
  MREMAP_: bits(/^MREMAP_/),
  MS_: bits(/^MS_(?!ASYNC|SYNC$|INVALIDATE|MGC)/),
  MS_SYNC: bits(['MS_SYNC', 'MS_ASYNC', 'MS_INVALIDATE']),
  MOVE_MOUNT_: bits(/^MOVE_MOUNT_/),
  // strace's order: the flags that say how, then those that say what (O_DIRECTORY is a part of O_TMPFILE).
  O_: bits(
    [
      'O_CREAT',
      'O_EXCL',
      'O_NOCTTY',
      'O_TRUNC',
      'O_APPEND',
      'O_NONBLOCK',
      'O_SYNC',
      'O_DSYNC',
      'O_DIRECT',
      'O_LARGEFILE',
      'O_NOFOLLOW',
      'O_NOATIME',
      'O_CLOEXEC',
      'O_PATH',
      'O_TMPFILE',
      'O_DIRECTORY',
      'O_EMPTYPATH',
    ],
    { mask: 'O_ACCMODE', names: ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE'] },
  ),
  O_CLOEXEC: bits(['O_NONBLOCK', 'O_DIRECT', 'O_CLOEXEC']),
  OPEN_TREE_: bits(/^OPEN_TREE_/),
  P_: one(/^P_/),
  POLL: bits(/^POLL/),
  POSIX_FADV_: one(/^POSIX_FADV_/),
  PR_: one(/^PR_/),
  PROT_: bits(/^PROT_/),
  RENAME_: bits(/^RENAME_/),
  RESOLVE_: bits(/^RESOLVE_/),
  RLIMIT_: one(/^RLIMIT_/),
  RWF_: bits(/^RWF_/),
  R_OK: bits(['F_OK', 'R_OK', 'W_OK', 'X_OK']),
  S_IF: one(/^S_IF(?!MT)/),
  SEEK_: one(/^SEEK_/),
  SIG: one(/^SIG/),
  SOCK_: bits(['SOCK_CLOEXEC', 'SOCK_NONBLOCK']),
  SPLICE_F_: bits(/^SPLICE_F_/),
  STATX_: bits(/^STATX_(?!ATTR_)/),
  STATX_ATTR_: bits(/^STATX_ATTR_/),
  SYNC_FILE_RANGE_: bits(/^SYNC_FILE_RANGE_(?!WRITE_AND)/),
  W: bits(['WNOHANG', 'WUNTRACED', 'WCONTINUED', 'WNOWAIT']),
  XATTR_: bits(/^XATTR_/),
  ioctl: one(/^(TC|TIO|FIO|FS_IOC|BLK|FI[A-Z]+$)/),
} as const satisfies Record<string, SetOfNames>;

/** The name of a set of constants that a scalar is made of: their prefix, or one of them where a prefix is not enough. */
export type FlagSet = keyof typeof sets;

/** The names of a set on an architecture with their values, in the order in which they are printed. */
export interface NamedValues {
  readonly style: Style;
  readonly members: readonly NamedValue[];
  readonly field?: { readonly mask: number; readonly members: readonly NamedValue[] };
}

type NamedValue = readonly [name: ConstantName, value: number];

const resolved = new Map<string, NamedValues>();

/** The members of `set` on `arch`. */
export function membersOf(set: FlagSet, arch: Arch = 'x86_64'): NamedValues {
  const key = `${arch} ${set}`;
  const known = resolved.get(key);
  if (known !== undefined) return known;
  const { style, names, field }: SetOfNames = sets[set];
  const members = names instanceof RegExp ? matching(names, arch) : valuesOf(names, arch);
  const mask = field && constantIn(arch, field.mask);
  const found = Object.freeze(
    field === undefined || mask === undefined
      ? { style, members }
      : { style, members, field: { mask, members: valuesOf(field.names, arch) } },
  );
  resolved.set(key, found);
  return found;
}

function valuesOf(names: readonly ConstantName[], arch: Arch): NamedValue[] {
  return names.flatMap((name): NamedValue[] => {
    const value = constantIn(arch, name);
    return value === undefined ? [] : [[name, value]];
  });
}

/** A member of several bits is looked for before its parts, the widest one first. */
function matching(pattern: RegExp, arch: Arch): NamedValue[] {
  const names = constantNames(arch).filter((name) => pattern.test(name));
  return valuesOf(names, arch).sort(([, a], [, b]) => rank(a) - rank(b) || a - b);
}

function rank(value: number): number {
  const all = BigInt.asUintN(64, BigInt(value));
  return (all & (all - 1n)) === 0n || all === 0n ? 0 : -value;
}
