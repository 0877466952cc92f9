/** Calls that follow paths, or open something: those that hooks of the kernel refuse as well. */
import type { SyscallName } from '@rsc/core/abi/table';
import { of, type Recipe, type Step, type Word } from '../effect-calls';

const created = of('O_CREAT') | of('O_WRONLY');
const CLONE_NEWNS = 0x2_0000;
const SIGUSR1 = 10;

const newName: Recipe = { args: { pathname: '@new' } };
const secondName: Recipe = { args: { newpath: '@new' } };
const other: Recipe = { args: { owner: 1, group: 1 } };
const attribute: Recipe = { args: { name: 'user.rsc', value: 'value', size: 5 } };
const withAttribute: Recipe = {
  first: [['setxattr', '@file', 'user.rsc', 'value', 5, 0]],
  args: { name: 'user.rsc' },
};

const first: Word = { resultOf: 0 };
const siginfo: Word = { ints: [SIGUSR1, 0, -1, ...Array.from({ length: 29 }, () => 0)] };
const aloneInMounts: Step = ['unshare', CLONE_NEWNS];
const mounted: readonly Step[] = [aloneInMounts, ['mount', 'none', '@directory', 'tmpfs', 0, 0]];
/** struct sockaddr_un with a name that has no file. */
const address: Word = { bytes: [1, 0, 0, ...Buffer.from('rsc')] };
const addressSize = 6;
const connected: readonly Step[] = [
  ['socket', 1, 1, 0],
  ['bind', 3, address, addressSize],
  ['listen', 3, 1],
  ['socket', 1, 1, 0],
  ['connect', 4, address, addressSize],
];
const program: Recipe = {
  args: { pathname: '/bin/true', argv: { longs: ['true', 0] }, envp: { longs: [0] } },
};
const mask: Word = { longs: [1 << (SIGUSR1 - 1)] };

export const paths: Readonly<Partial<Record<SyscallName, Recipe>>> = {
  fchdir: { first: [['open', '@directory', of('O_DIRECTORY'), 0]] },
  chdir: { args: { path: '@directory' } },
  memfd_create: {},
  memfd_secret: {},

  open: { args: { pathname: '@new', flags: created } },
  openat: { args: { pathname: '@new', flags: created } },
  openat2: { args: { pathname: '@new', how: { longs: [created, 0o600, 0] }, size: 24 } },
  creat: newName,
  mkdir: newName,
  mkdirat: newName,
  mknod: { args: { pathname: '@new', mode: 0o10644 } },
  mknodat: { args: { pathname: '@new', mode: 0o10644 } },
  rmdir: { args: { pathname: '@directory' } },
  unlink: {},
  unlinkat: {},
  symlink: { args: { linkpath: '@new' } },
  symlinkat: { args: { linkpath: '@new' } },
  link: secondName,
  linkat: secondName,
  rename: secondName,
  renameat: secondName,
  renameat2: secondName,

  chmod: {},
  fchmodat: {},
  fchmodat2: {},
  chown: other,
  lchown: other,
  fchownat: other,
  truncate: { args: { length: 3 } },
  utime: {},
  utimes: {},
  futimesat: {},
  utimensat: {},
  file_setattr: { args: { attr: { longs: [0x80, 0, 0] }, size: 24 } },
  setxattr: attribute,
  lsetxattr: attribute,
  setxattrat: { args: { name: 'user.rsc', args: { longs: ['value', 5] }, size: 16 } },
  removexattr: withAttribute,
  lremovexattr: withAttribute,
  removexattrat: withAttribute,

  inotify_add_watch: { first: [['inotify_init1', 0]], args: { mask: of('IN_MODIFY') } },
  fanotify_mark: { first: [['fanotify_init', 0, 0]], args: { flags: 1, mask: 0x20 } },
  fanotify_init: {},

  chroot: { args: { path: '@directory' } },
  pivot_root: {
    first: [...mounted, ['mkdir', '@directory/old', 0o700]],
    args: { new_root: '@directory', put_old: '@directory/old' },
  },
  mount: {
    first: [aloneInMounts],
    args: { source: 'none', target: '@directory', filesystemtype: 'tmpfs' },
  },
  umount2: { first: mounted, args: { target: '@directory' } },
  move_mount: { first: mounted, args: { from_path: '@directory', to_path: '@other' } },
  mount_setattr: {
    first: mounted,
    args: { pathname: '@directory', attr: { longs: [1, 0, 0, 0] }, size: 32 },
  },
  open_tree: {},
  open_tree_attr: { args: { flags: 1, attr: { longs: [1, 0, 0, 0] }, size: 32 } },
  fspick: { first: mounted, args: { pathname: '@directory' } },
  fsopen: { args: { fs_name: 'tmpfs' } },
  fsmount: {
    first: [
      ['fsopen', 'tmpfs', 0],
      ['fsconfig', 3, 6, 0, 0, 0],
    ],
  },
  swapon: { unseen: 'it takes a swap area' },
  swapoff: { unseen: 'it takes a swap area' },
  acct: { unseen: 'accounts are kept of all processes of the machine' },
  quotactl: { unseen: 'it takes a file system with quotas' },
  uselib: { unseen: 'no kernel of Debian has it' },

  socket: { args: { domain: 1, type: 1 } },
  accept: { first: connected },
  accept4: { first: connected },
  mq_open: { args: { oflag: created }, asks: [['mq_unlink', 'rsc']] },

  execve: program,
  execveat: program,
  pidfd_open: { first: [['getpid']], args: { pid: first } },
  pidfd_getfd: {
    first: [['getpid'], ['pidfd_open', first, 0]],
  },
  kill: { first: [['child']], args: { pid: first, sig: SIGUSR1 } },
  tkill: { first: [['child']], args: { tid: first, sig: SIGUSR1 } },
  tgkill: { first: [['child']], args: { tgid: first, tid: first, sig: SIGUSR1 } },
  pidfd_send_signal: { first: [['child'], ['pidfd_open', first, 0]], args: { sig: SIGUSR1 } },
  rt_sigqueueinfo: { first: [['child']], args: { tgid: first, sig: SIGUSR1, info: siginfo } },
  rt_tgsigqueueinfo: {
    first: [['child']],
    args: { tgid: first, tid: first, sig: SIGUSR1, info: siginfo },
  },

  perf_event_open: {
    args: {
      attr: { ints: [1, 64, 1, 0, ...Array.from({ length: 12 }, () => 0)] },
      cpu: -1,
      group_fd: -1,
    },
  },
  landlock_create_ruleset: { args: { attr: { longs: [1] }, size: 8 } },
  eventfd: {},
  eventfd2: {},
  signalfd: { args: { fd: -1, mask, sizemask: 8 } },
  signalfd4: { args: { fd: -1, mask, sizemask: 8 } },
  timerfd_create: { args: { clockid: 1 } },
  userfaultfd: {},
  io_uring_setup: {
    args: { entries: 1, params: { zeros: 120 } },
    leaves: { part: 'memory', because: 'it says what it has made before it makes a descriptor' },
  },
};
