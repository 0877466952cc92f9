/** The machine: its name, its modules, what it tells of itself; and what is done by queues of requests. */
import type { SyscallName } from '@rsc/core/abi/table';
import { of, type Recipe, type Step, type Word } from '../effect-calls';
import { room } from './room';

const isOver: Recipe = { unseen: 'the machine would be another one' };
const MNT_ROOT = -1;
const IORING_REGISTER_PROBE = 8;
const FSCONFIG_CMD_CREATE = 6;

const [POLL, WRITE] = [5, 1];
/** struct iocb of an operation on descriptor 3, with no key, and what io_setup has made for it. */
const request = (operation: number, buffer: Word, length: number): Word => ({
  longs: [0, 0, operation + 3 * 2 ** 32, buffer, length, 0, 0, 0],
});
const made: Word = { zeros: 8 };
const context: Word = { loadedFrom: made };
const setUp: Step = ['io_setup', 4, made];
const writing: Word = { longs: [request(WRITE, 'text', 4)] };
const opened: Step = ['open', '@file', of('O_RDWR'), 0];
const written: readonly Step[] = [opened, setUp, ['io_submit', context, 1, writing]];
const polling = request(POLL, 1, 0);

export const machine: Readonly<Partial<Record<SyscallName, Recipe>>> = {
  sethostname: { args: { name: 'other', len: 5 } },
  setdomainname: { args: { name: 'other', len: 5 } },
  reboot: isOver,
  kexec_load: isOver,
  init_module: isOver,
  delete_module: isOver,
  syslog: { args: { type: 3, bufp: room(), len: 200 } },
  sysfs: { args: { option: 2, arg2: room() } },
  ustat: { unseen: 'it takes the number of a device' },
  lsm_list_modules: { args: { ids: room(), size: { ints: [256] } } },
  listmount: { args: { req: { longs: [24, MNT_ROOT, 0] }, mnt_ids: room(), nr_mnt_ids: 4 } },
  statmount: { unseen: 'it takes the number of a mount' },
  listns: { args: { req: { longs: [32, 0, 0, 0] }, ns_ids: room(), nr_ns_ids: 4 } },
  fsconfig: {
    first: [['fsopen', 'tmpfs', 0]],
    args: { cmd: FSCONFIG_CMD_CREATE, key: 0 },
    asks: [['fsmount', 3, 0, 0]],
  },
  bpf: { args: { attr: { ints: [2, 4, 4, 1, ...Array.from({ length: 14 }, () => 0)] }, size: 72 } },

  io_setup: { args: { nr_events: 4 } },
  io_destroy: { first: [setUp], args: { ctx_id: context } },
  io_submit: { first: [opened, setUp], args: { ctx_id: context, nr: 1, iocbpp: writing } },
  io_getevents: {
    first: written,
    args: { ctx_id: context, min_nr: 1, nr: 1, events: room(), timeout: 0 },
  },
  io_pgetevents: {
    first: written,
    args: { ctx_id: context, min_nr: 1, nr: 1, events: room(), timeout: 0 },
  },
  io_cancel: {
    first: [['eventfd', 0], setUp, ['io_submit', context, 1, { longs: [polling] }]],
    args: { ctx_id: context, iocb: polling, result: room() },
    // What is cancelled ends soon after.
    asks: [['io_getevents', context, 1, 1, room(), { longs: [1, 0] }]],
  },
  io_uring_enter: { unseen: 'it takes memory that is shared with the kernel' },
  io_uring_register: {
    first: [['io_uring_setup', 1, { zeros: 120 }]],
    args: { opcode: IORING_REGISTER_PROBE, arg: { zeros: 256 }, nr_args: 1 },
  },
};
