/** The memory of a process. */
import type { SyscallName } from '@rsc/core/abi/table';
import { BASE, of, type Recipe, type Step, type Word } from '../effect-calls';
import { room } from './room';

const PAGE = 4096;
const MPOL_BIND = 2;
const MPOL_F_ADDR = 2;
const READ = of('PROT_READ');
const page = { addr: BASE, length: PAGE };
const firstNode: Word = { longs: [1] };
const mode = room();
const locked: Step = ['mlock', BASE, PAGE];
/** Of the first call. */
const brk: Word = { resultOf: 0, plus: PAGE };
const mapped: Word = { resultOf: 1 };
/** The first key of a process, after that which all pages have. */
const KEY = 1;

export const memory: Readonly<Partial<Record<SyscallName, Recipe>>> = {
  brk: { first: [['brk', 0]], args: { addr: brk } },
  mprotect: { args: { ...page, prot: READ } },
  madvise: { args: { ...page, advice: of('MADV_DONTFORK') } },
  process_madvise: {
    first: [['getpid'], ['pidfd_open', { resultOf: 0 }, 0]],
    args: { iovec: { longs: [BASE, PAGE] }, vlen: 1, advice: of('MADV_DONTFORK') },
  },
  process_mrelease: { unseen: 'it takes a process that is dying' },
  mincore: { args: { ...page, vec: room() } },
  mlock: { args: page },
  mlock2: { args: page },
  mlockall: { args: { flags: of('MCL_CURRENT') } },
  munlock: { first: [locked], args: page },
  mseal: { args: page },
  map_shadow_stack: { unseen: 'it takes a processor with shadow stacks' },
  remap_file_pages: {
    first: [
      ['open', '@file', of('O_RDWR'), 0],
      ['mmap', 0, 2 * PAGE, READ, of('MAP_SHARED'), 3, 0],
    ],
    args: { addr: mapped, size: PAGE, pgoff: 1 },
  },
  pkey_alloc: { asks: [['pkey_free', KEY]] },
  pkey_free: {
    first: [['pkey_alloc', 0, 0]],
    args: { pkey: KEY },
    asks: [['pkey_mprotect', BASE, PAGE, 3, KEY]],
  },
  pkey_mprotect: { args: { ...page, prot: READ, pkey: -1 } },

  get_mempolicy: { args: { mode } },
  set_mempolicy: {
    args: { mode: MPOL_BIND, nodemask: firstNode, maxnode: 64 },
    asks: [['get_mempolicy', mode, 0, 0, 0, 0]],
  },
  mbind: {
    args: { addr: BASE, len: PAGE, mode: MPOL_BIND, nodemask: firstNode, maxnode: 64 },
    asks: [['get_mempolicy', mode, 0, 0, BASE, MPOL_F_ADDR]],
  },
  set_mempolicy_home_node: { unseen: 'no call tells it' },
  migrate_pages: { unseen: 'it takes memory of several nodes' },
  move_pages: { args: { count: 1, pages: { longs: [BASE] }, status: room() } },

  process_vm_readv: {
    first: [['getpid']],
    args: {
      pid: { resultOf: 0 },
      local_iov: { longs: [room(16), 16] },
      liovcnt: 1,
      remote_iov: { longs: [{ zeros: 16 }, 16] },
      riovcnt: 1,
    },
  },
  process_vm_writev: {
    first: [['getpid']],
    args: {
      pid: { resultOf: 0 },
      local_iov: { longs: [{ zeros: 16 }, 16] },
      liovcnt: 1,
      remote_iov: { longs: [room(16), 16] },
      riovcnt: 1,
    },
  },

  modify_ldt: {
    args: { func: 0x11, ptr: { ints: [0, 0, 0xfff, 1] }, bytecount: 16 },
    asks: [['modify_ldt', 0, room(), 64]],
  },
};
