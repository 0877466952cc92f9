/** Waiting for descriptors, and descriptors that stand for events. */
import {
  addr,
  blocks,
  bypasses,
  call,
  caveat,
  fd,
  fdSet,
  flags,
  i32,
  i64,
  inOutStruct,
  inStruct,
  local,
  newFd,
  outStruct,
  ownerOf,
  ownersIn,
  pollFds,
  refused,
  remoteUnsupported,
  u32,
  u64,
  usualForFiles,
  value,
  zero,
} from '../vocabulary.js';

const ringCaveat = caveat('calls that go through a ring from before the attach run locally, unseen');
const aioCaveat = caveat(
  'the descriptors in its requests are taken locally: a remote one is answered with EBADF',
);

export const waiting = {
  poll: call({ fds: pollFds('nfds'), nfds: u32, timeout: i32 }, value, ownersIn('fds'), blocks()),
  ppoll: call(
    { fds: pollFds('nfds'), nfds: u32, tmo_p: inOutStruct('timespec'), sigmask: addr, sigsetsize: u64 },
    value,
    ownersIn('fds'),
    blocks(),
  ),
  select: call(
    {
      nfds: i32,
      readfds: fdSet('nfds'),
      writefds: fdSet('nfds'),
      exceptfds: fdSet('nfds'),
      timeout: inOutStruct('timeval'),
    },
    value,
    ownersIn('readfds', 'writefds', 'exceptfds'),
    blocks(),
  ),
  pselect6: call(
    {
      nfds: i32,
      readfds: fdSet('nfds'),
      writefds: fdSet('nfds'),
      exceptfds: fdSet('nfds'),
      timeout: inOutStruct('timespec'),
      sigmask: addr,
    },
    value,
    ownersIn('readfds', 'writefds', 'exceptfds'),
    blocks(),
  ),

  epoll_create: call({ size: i32 }, newFd(), local),
  epoll_create1: call({ flags: flags('EPOLL_CLOEXEC') }, newFd('flags'), local),
  // Programs that try it with every file that they open, as those in Go do, then read without waiting.
  epoll_ctl: call(
    { epfd: fd, op: flags('EPOLL_CTL_'), fd, event: inStruct('epoll_event') },
    zero,
    ownerOf('fd'),
    remoteUnsupported('EPERM', 'a remote descriptor cannot be waited for yet'),
    usualForFiles('fd'),
  ),
  epoll_wait: call({ epfd: fd, events: addr, maxevents: i32, timeout: i32 }, value, local),
  epoll_pwait: call(
    { epfd: fd, events: addr, maxevents: i32, timeout: i32, sigmask: addr, sigsetsize: u64 },
    value,
    local,
  ),
  epoll_pwait2: call(
    { epfd: fd, events: addr, maxevents: i32, timeout: inStruct('timespec'), sigmask: addr, sigsetsize: u64 },
    value,
    local,
  ),

  eventfd: call({ initval: u32 }, newFd(), local),
  eventfd2: call({ initval: u32, flags: flags('EFD_') }, newFd('flags'), local),
  signalfd: call({ fd, mask: addr, sizemask: u64 }, newFd(), local),
  signalfd4: call({ fd, mask: addr, sizemask: u64, flags: flags('O_CLOEXEC') }, newFd('flags'), local),
  timerfd_create: call({ clockid: flags('CLOCK_'), flags: flags('O_CLOEXEC') }, newFd('flags'), local),
  timerfd_settime: call({ fd, flags: u32, new_value: addr, old_value: addr }, zero, local),
  timerfd_gettime: call({ fd, curr_value: addr }, zero, local),
  userfaultfd: call({ flags: flags('O_CLOEXEC') }, newFd('flags'), local),

  inotify_init: call({}, newFd(), local),
  inotify_init1: call({ flags: flags('IN_CLOEXEC') }, newFd('flags'), local),
  inotify_rm_watch: call({ fd, wd: i32 }, zero, local),
  fanotify_init: call({ flags: u32, event_f_flags: flags('O_') }, newFd(), local),

  io_setup: call({ nr_events: u32, ctx_idp: outStruct('u64') }, zero, local),
  io_destroy: call({ ctx_id: u64 }, zero, local),
  io_submit: call({ ctx_id: u64, nr: i64, iocbpp: addr }, value, local, aioCaveat),
  io_cancel: call({ ctx_id: u64, iocb: addr, result: addr }, zero, local),
  io_getevents: call(
    { ctx_id: u64, min_nr: i64, nr: i64, events: addr, timeout: inStruct('timespec') },
    value,
    local,
  ),
  io_pgetevents: call(
    { ctx_id: u64, min_nr: i64, nr: i64, events: addr, timeout: inStruct('timespec'), sig: addr },
    value,
    local,
  ),
  io_uring_setup: call(
    { entries: u32, params: addr },
    newFd(),
    refused('ENOSYS', 'calls made through a ring are never seen; programs fall back to plain calls'),
    bypasses,
  ),
  io_uring_enter: call(
    { fd, to_submit: u32, min_complete: u32, flags: u32, arg: addr, argsz: u64 },
    value,
    local,
    ringCaveat,
  ),
  io_uring_register: call({ fd, opcode: u32, arg: addr, nr_args: u32 }, value, local, ringCaveat),
};
