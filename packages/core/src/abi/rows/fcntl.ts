/** fcntl(2): each command of the kernel. */
import {
  addr,
  blocks,
  call,
  callBy,
  caveat,
  copyOf,
  fd,
  flags,
  hexValue,
  i32,
  inOutStruct,
  inStruct,
  local,
  marksCloexec,
  ownerOf,
  outStruct,
  remoteUnsupported,
  syncsFile,
  u64,
  value,
  zero,
} from '../vocabulary.js';

const cmd = flags('F_');
const noArgument = { fd, cmd } as const;
const withLock = { fd, cmd, lock: inStruct('flock') } as const;
const ofTwin = caveat('the lock belongs to the twin: l_pid is a process of the server');
const noSignals = remoteUnsupported('EINVAL', 'signals do not come from remote files');
const noLeases = remoteUnsupported(
  'EINVAL',
  'leases and notifications are signals, which do not come from remote files',
);

export const fcntl = callBy(
  { index: 1, set: 'F_' },
  {
    F_DUPFD: call({ fd, cmd, arg: i32 }, copyOf('fd', { from: 'arg' }), ownerOf('fd')),
    F_DUPFD_CLOEXEC: call({ fd, cmd, arg: i32 }, copyOf('fd', { from: 'arg', cloexec: true }), ownerOf('fd')),
    // Copies of a remote descriptor are copies of its placeholder too, so the local kernel knows the answer.
    F_DUPFD_QUERY: call({ fd, cmd, arg: fd }, value, local),
    F_CREATED_QUERY: call(noArgument, value, ownerOf('fd')),
    F_GETFD: call(noArgument, hexValue, local),
    F_SETFD: call({ fd, cmd, arg: flags('FD_CLOEXEC') }, zero, local, marksCloexec('fd', 'arg')),
    F_GETFL: call(noArgument, hexValue, ownerOf('fd')),
    F_SETFL: call({ fd, cmd, arg: flags('O_') }, zero, ownerOf('fd')),

    F_GETLK: call({ fd, cmd, lock: inOutStruct('flock') }, zero, ownerOf('fd'), ofTwin),
    F_SETLK: call(withLock, zero, ownerOf('fd'), ofTwin, syncsFile('fd')),
    F_SETLKW: call(withLock, zero, ownerOf('fd'), blocks(), ofTwin, syncsFile('fd')),
    F_OFD_GETLK: call({ fd, cmd, lock: inOutStruct('flock') }, zero, ownerOf('fd')),
    F_OFD_SETLK: call(withLock, zero, ownerOf('fd'), syncsFile('fd')),
    F_OFD_SETLKW: call(withLock, zero, ownerOf('fd'), blocks(), syncsFile('fd')),

    F_GETPIPE_SZ: call(noArgument, value, ownerOf('fd')),
    F_SETPIPE_SZ: call({ fd, cmd, arg: i32 }, value, ownerOf('fd')),
    F_GET_SEALS: call(noArgument, value, ownerOf('fd')),
    F_ADD_SEALS: call({ fd, cmd, arg: flags('F_SEAL_') }, zero, ownerOf('fd')),
    F_GET_RW_HINT: call({ fd, cmd, hint: outStruct('u64') }, zero, ownerOf('fd')),
    F_SET_RW_HINT: call({ fd, cmd, hint: inStruct('u64') }, zero, ownerOf('fd')),
    F_GET_FILE_RW_HINT: call({ fd, cmd, hint: outStruct('u64') }, zero, ownerOf('fd')),
    F_SET_FILE_RW_HINT: call({ fd, cmd, hint: inStruct('u64') }, zero, ownerOf('fd')),

    F_GETOWN: call(noArgument, value, ownerOf('fd'), noSignals),
    F_SETOWN: call({ fd, cmd, arg: i32 }, zero, ownerOf('fd'), noSignals),
    F_GETOWN_EX: call({ fd, cmd, arg: u64 }, zero, ownerOf('fd'), noSignals),
    F_SETOWN_EX: call({ fd, cmd, arg: u64 }, zero, ownerOf('fd'), noSignals),
    F_GETOWNER_UIDS: call({ fd, cmd, arg: u64 }, zero, ownerOf('fd'), noSignals),
    F_GETSIG: call(noArgument, value, ownerOf('fd'), noSignals),
    F_SETSIG: call({ fd, cmd, arg: flags('SIG') }, zero, ownerOf('fd'), noSignals),
    F_GETLEASE: call(noArgument, value, ownerOf('fd'), noLeases),
    F_SETLEASE: call({ fd, cmd, arg: flags('F_LCK') }, zero, ownerOf('fd'), noLeases),
    F_GETDELEG: call({ fd, cmd, arg: u64 }, zero, ownerOf('fd'), noLeases),
    F_SETDELEG: call({ fd, cmd, arg: u64 }, zero, ownerOf('fd'), noLeases),
    F_NOTIFY: call({ fd, cmd, arg: flags('DN_') }, zero, ownerOf('fd'), noLeases),
  },
  // What a command is that this kernel does not have, the other one says: EINVAL, or what its argument is worth.
  call({ fd, cmd, arg: addr }, value, ownerOf('fd')),
);
