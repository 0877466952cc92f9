/** What a process is, and which processes there are. */
import type { SyscallName } from '@rsc/core/abi/table';
import { BASE, of, type Recipe, type Step, type Word } from '../effect-calls';
import { answers, room, waits } from './room';

const [SIGUSR1, SIGCHLD] = [10, 17];
const SIG_IGN = 1;
const MASK_BYTES = 8;
const usr1: Word = { longs: [1 << (SIGUSR1 - 1)] };
const noSignals: Word = { longs: [0] };
/** A signal that is blocked, and waits. */
const waitingSignal: readonly Step[] = [
  ['rt_sigprocmask', 0, usr1, 0, MASK_BYTES],
  ['getpid'],
  ['kill', { resultOf: 1 }, SIGUSR1],
];

const P_PID = of('P_PID');
const WEXITED = of('WEXITED');
/** A child that has ended, and that nobody has waited for. */
const endedChild: readonly Step[] = [
  ['clone', SIGCHLD, 0, 0, 0, 0],
  ['waitid', P_PID, { resultOf: 0 }, 0, WEXITED | of('WNOWAIT'), 0],
];
const child: Word = { resultOf: 0 };

const FIFO = of('SCHED_FIFO');
const BATCH = of('SCHED_BATCH');
const policy: readonly Step[] = [['sched_getscheduler', 0]];
const IDLE_IO = 3 << 13;
const PR_SET_NAME = of('PR_SET_NAME');
const PR_GET_TID_ADDRESS = 40;
const ARCH_GET_FS = 0x1003;
const NOFILE = of('RLIMIT_NOFILE');
const fewFiles: Word = { longs: [20, 20] };
const CLONE_NEWUTS = of('CLONE_NEWUTS');
/** struct __user_cap_header_struct, version 3. */
const capHeader: Word = { ints: [0x2008_0522, 0] };
/** struct user_desc of the first place for threads. */
const area: Word = { ints: [12, 0x1000, 0xfff, 1] };
/** struct sock_fprog: a filter that allows all calls. */
const allowAll: Word = { longs: [1, { bytes: [6, 0, 0, 0, 0, 0, 0xff, 0x7f] }] };
const LANDLOCK_REMOVE_AND_MAKE = (1 << 5) | (1 << 8);

export const processes: Readonly<Partial<Record<SyscallName, Recipe>>> = {
  clone: { args: { flags: SIGCHLD } },
  clone3: { args: { cl_args: { longs: [0, 0, 0, 0, SIGCHLD, 0, 0, 0] }, size: 64 } },
  wait4: { first: endedChild, args: { pid: child } },
  waitid: { first: endedChild, args: { idtype: P_PID, id: child, infop: room(), options: WEXITED } },
  ptrace: { unseen: 'who is traced has no tracees' },
  kcmp: answers,

  rt_sigaction: {
    args: { signum: SIGUSR1, act: { longs: [SIG_IGN, 0, 0, 0] }, sigsetsize: MASK_BYTES },
  },
  rt_sigprocmask: { args: { set: usr1, sigsetsize: MASK_BYTES } },
  rt_sigpending: { first: waitingSignal, args: { set: room(), sigsetsize: MASK_BYTES } },
  rt_sigsuspend: { first: waitingSignal, args: { mask: noSignals, sigsetsize: MASK_BYTES } },
  rt_sigtimedwait: { first: waitingSignal, args: { set: usr1, info: room(), sigsetsize: MASK_BYTES } },
  sigaltstack: { args: { ss: { longs: [BASE, 0, 0x2000] } }, asks: [['sigaltstack', 0, room()]] },

  setuid: { args: { uid: 1 } },
  setgid: { args: { gid: 1 } },
  setreuid: { args: { ruid: 1, euid: 1 } },
  setregid: { args: { rgid: 1, egid: 1 } },
  setresuid: { args: { ruid: 1, euid: 1, suid: 1 } },
  setresgid: { args: { rgid: 1, egid: 1, sgid: 1 } },
  setfsuid: { args: { fsuid: 1 } },
  setfsgid: { args: { fsgid: 1 } },
  setgroups: { args: { size: 1, list: { ints: [5] } } },
  capset: { args: { hdrp: capHeader, datap: { zeros: 24 } } },
  setpgid: { asks: [['getpgid', 0]] },
  seccomp: { args: { operation: 1, args: allowAll } },
  landlock_add_rule: { unseen: 'no call tells what a ruleset has' },
  landlock_restrict_self: {
    first: [['landlock_create_ruleset', { longs: [LANDLOCK_REMOVE_AND_MAKE] }, 8, 0]],
    asks: [['rename', '@file', '@file']],
  },
  lsm_get_self_attr: { unseen: 'it takes a security module that has profiles' },
  lsm_set_self_attr: { unseen: 'it takes a security module that has profiles' },

  setns: {
    first: [
      ['open', '/proc/self/ns/uts', 0, 0],
      ['unshare', CLONE_NEWUTS],
    ],
  },
  unshare: { args: { flags: CLONE_NEWUTS } },
  personality: { args: { persona: 0x4_0000 } },
  prctl: { args: { op: PR_SET_NAME, arg2: 'rsc' } },
  arch_prctl: { args: { op: ARCH_GET_FS, addr: room() } },
  getrlimit: { args: { resource: NOFILE, rlim: room() } },
  setrlimit: { args: { resource: NOFILE, rlim: fewFiles } },
  prlimit64: { args: { resource: NOFILE, new_limit: fewFiles } },
  getrusage: { args: { usage: room() } },
  ioperm: { unseen: 'no call tells which ports a process may use' },
  iopl: { unseen: 'no call tells which ports a process may use' },

  get_thread_area: { args: { u_info: { ints: [12, 0x5555, 0x5555, 0x5555] } } },
  set_thread_area: { args: { u_info: area }, asks: [['get_thread_area', { ints: [12, 0, 0, 0] }]] },
  set_tid_address: { args: { tidptr: BASE }, asks: [['prctl', PR_GET_TID_ADDRESS, room()]] },
  get_robust_list: { args: { head_ptr: room(), len_ptr: room() } },
  set_robust_list: { args: { head: { zeros: 24 }, len: 24 }, asks: [['get_robust_list', 0, room(), room()]] },
  rseq: { unseen: 'the C library has registered its own' },

  getpriority: answers,
  setpriority: { args: { prio: 5 }, asks: [['getpriority', 0, 0]] },
  ioprio_get: answers,
  ioprio_set: { args: { which: 1, ioprio: IDLE_IO }, asks: [['ioprio_get', 1, 0]] },
  sched_get_priority_max: answers,
  sched_get_priority_min: answers,
  sched_getscheduler: answers,
  sched_getparam: { args: { param: room() } },
  sched_getattr: { args: { attr: room(), size: 56 } },
  sched_rr_get_interval: { args: { tp: room() } },
  sched_getaffinity: { args: { cpusetsize: 128, mask: room() } },
  sched_setaffinity: { unseen: 'it takes several processors' },
  sched_setscheduler: { args: { policy: BATCH, param: { ints: [0] } }, asks: policy },
  sched_setattr: {
    args: { attr: { ints: [48, BATCH, ...Array.from({ length: 10 }, () => 0)] } },
    asks: policy,
  },
  sched_setparam: {
    first: [['sched_setscheduler', 0, FIFO, { ints: [1] }]],
    args: { param: { ints: [2] } },
    asks: [['sched_getparam', 0, room()]],
  },
  getcpu: { args: { cpu: room() } },
  membarrier: { args: { cmd: 1 << 4 }, asks: [['membarrier', 1 << 9, 0, 0]] },

  // FUTEX_WAKE_OP, which sets what stands at its second address to 7 (futex(2)).
  futex: { args: { uaddr: { zeros: 8 }, futex_op: 5, val: 1, timeout: 1, uaddr2: room(), val3: 7 << 12 } },
  futex_wait: { ...waits, args: { val: 1 } },
  futex_wake: waits,
  futex_waitv: waits,
  futex_requeue: waits,
};
