/** What processes share: sockets, pipes, queues, semaphores, memory, keys. */
import type { SyscallName } from '@rsc/core/abi/table';
import { of, type Recipe, type Step, type Word } from '../effect-calls';
import { room } from './room';

const AF_UNIX = of('AF_UNIX');
const SOCK_STREAM = of('SOCK_STREAM');
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_KEEPALIVE = 9;
const MSG_DONTWAIT = 0x40;
const FIONREAD = of('FIONREAD');
const SIGUSR1 = 10;

/** struct sockaddr_un with a name that has no file. */
export const address: Word = { bytes: [1, 0, 0, ...Buffer.from('rsc')] };
export const addressSize = 6;
const socket: Step = ['socket', AF_UNIX, SOCK_STREAM, 0];
const bound: readonly Step[] = [socket, ['bind', 3, address, addressSize]];
const listening: readonly Step[] = [...bound, ['listen', 3, 1]];
const connected: readonly Step[] = [...listening, socket, ['connect', 4, address, addressSize]];
const pair: Step = ['socketpair', AF_UNIX, SOCK_STREAM, 0, { zeros: 8 }];
const sent: readonly Step[] = [pair, ['sendto', 4, 'text', 4, 0, 0, 0]];
/** struct msghdr, and mmsghdr, whose one piece of memory is this. */
const header = (iovec: Word): Word => ({ longs: [0, 0, { longs: [iovec, 4] }, 1, 0, 0, 0, 0] });
const received: readonly Step[] = [['ioctl', 4, FIONREAD, room(8)]];

const queue: Word = { longs: [0, 1, 16, 0, 0, 0, 0, 0] };
const opened: readonly Step[] = [
  ['mq_open', 'rsc', of('O_CREAT') | of('O_RDWR'), 0o600, queue],
  ['mq_unlink', 'rsc'],
];
const attributes: readonly Step[] = [['mq_getsetattr', 3, 0, room(64)]];

const first: Word = { resultOf: 0 };
const IPC_RMID = 0;
const GETVAL = 12;
const SETVAL = 16;
const messageQueue: Step = ['msgget', 0, 0o600];
const message: Word = { longs: [1, 0] };
const semaphores: Step = ['semget', 0, 1, 0o600];
/** struct sembuf: the first one, and one more. */
const oneMore: Word = { bytes: [0, 0, 1, 0, 0, 0] };
const valueOfFirst: readonly Step[] = [['semctl', first, 0, GETVAL, 0]];
const shared: Step = ['shmget', 0, 4096, 0o600];

const KEYCTL_GET_KEYRING_ID = 0;
const KEYCTL_SEARCH = 10;
const THREAD_KEYRING = -1;
const PROCESS_KEYRING = -2;

export const messages: Readonly<Partial<Record<SyscallName, Recipe>>> = {
  bind: { first: [socket], args: { addr: address, addrlen: addressSize } },
  listen: { first: bound, args: { backlog: 1 } },
  connect: { first: [...listening, socket], args: { sockfd: 4, addr: address, addrlen: addressSize } },
  getsockname: { first: bound, args: { addr: room(), addrlen: { ints: [100] } } },
  getpeername: { first: connected, args: { sockfd: 4, addr: room(), addrlen: { ints: [100] } } },
  getsockopt: {
    first: [socket],
    args: { level: SOL_SOCKET, optname: SO_TYPE, optval: room(), optlen: { ints: [4] } },
  },
  setsockopt: {
    first: [socket],
    args: { level: SOL_SOCKET, optname: SO_KEEPALIVE, optval: { ints: [1] }, optlen: 4 },
    asks: [['getsockopt', 3, SOL_SOCKET, SO_KEEPALIVE, room(), { ints: [4] }]],
  },
  socketpair: { args: { domain: AF_UNIX, type: SOCK_STREAM, sv: { zeros: 8 } } },
  shutdown: { first: [pair], args: { how: 2 }, asks: [['recvfrom', 3, room(), 1, MSG_DONTWAIT, 0, 0]] },
  sendto: { first: [pair], args: { buf: 'text', len: 4, dest_addr: 0 }, asks: received },
  sendmsg: { first: [pair], args: { msg: header('text') }, asks: received },
  sendmmsg: { first: [pair], args: { msgvec: header('text'), vlen: 1 }, asks: received },
  recvfrom: { first: sent, args: { buf: room(), len: 4 } },
  recvmsg: { first: sent, args: { msg: header(room()) } },
  recvmmsg: { first: sent, args: { msgvec: header(room()), vlen: 1, timeout: 0 } },
  pipe: { args: { pipefd: { zeros: 8 } } },
  pipe2: { args: { pipefd: { zeros: 8 } } },

  mq_unlink: {
    first: [['mq_open', 'unlinked', of('O_CREAT'), 0o600, 0]],
    args: { name: 'unlinked' },
    asks: [['mq_open', 'unlinked', of('O_CREAT') | of('O_EXCL'), 0o600, 0]],
  },
  mq_timedsend: { first: opened, args: { msg_ptr: 'text', msg_len: 4, abs_timeout: 0 }, asks: attributes },
  mq_timedreceive: {
    first: [...opened, ['mq_timedsend', 3, 'text', 4, 0, 0]],
    args: { msg_ptr: room(16), msg_len: 16, abs_timeout: 0 },
  },
  mq_getsetattr: { first: opened, args: { newattr: { longs: [of('O_NONBLOCK'), 0, 0, 0] } } },
  mq_notify: {
    first: opened,
    args: { sevp: { ints: [0, 0, SIGUSR1, 0, ...Array.from({ length: 12 }, () => 0)] } },
    asks: [
      ['mq_timedsend', 3, 'text', 4, 0, 0],
      ['mq_timedreceive', 3, room(16), 16, 0, 0],
    ],
  },

  msgget: { args: { msgflg: 0o600 } },
  msgctl: { first: [messageQueue], args: { msqid: first, op: IPC_RMID } },
  msgsnd: { first: [messageQueue], args: { msqid: first, msgp: message, msgsz: 8 } },
  msgrcv: {
    first: [messageQueue, ['msgsnd', first, message, 8, 0]],
    args: { msqid: first, msgp: room(), msgsz: 8 },
  },
  semget: { args: { nsems: 1, semflg: 0o600 } },
  semctl: { first: [semaphores], args: { semid: first, op: SETVAL, arg: 7 }, asks: valueOfFirst },
  semop: { first: [semaphores], args: { semid: first, sops: oneMore, nsops: 1 }, asks: valueOfFirst },
  semtimedop: {
    first: [semaphores],
    args: { semid: first, sops: oneMore, nsops: 1, timeout: 0 },
    asks: valueOfFirst,
  },
  shmget: { args: { size: 4096, shmflg: 0o600 } },
  shmat: { first: [shared], args: { shmid: first } },
  shmdt: { first: [shared, ['shmat', first, 0, 0]], args: { shmaddr: { resultOf: 1 } } },
  shmctl: { first: [shared], args: { shmid: first, op: IPC_RMID } },

  add_key: {
    args: { type: 'user', payload: 'text', plen: 4, keyring: PROCESS_KEYRING },
    asks: [['request_key', 'user', 'rsc', 0, 0]],
  },
  request_key: {
    first: [['add_key', 'user', 'rsc', 'text', 4, PROCESS_KEYRING]],
    args: { type: 'user', callout_info: 0, dest_keyring: THREAD_KEYRING },
    asks: [['keyctl', KEYCTL_SEARCH, THREAD_KEYRING, 'user', 'rsc', 0]],
  },
  keyctl: {
    args: { operation: KEYCTL_GET_KEYRING_ID, arg2: THREAD_KEYRING, arg3: 1 },
    asks: [['keyctl', KEYCTL_GET_KEYRING_ID, THREAD_KEYRING, 0]],
  },
};
