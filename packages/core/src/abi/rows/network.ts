/** Sockets: local for now, and so are all calls on them. */
import {
  addr,
  call,
  caveat,
  fd,
  flags,
  i32,
  inBytes,
  local,
  newFd,
  outBytes,
  inStruct,
  u32,
  u64,
  value,
  zero,
} from '../vocabulary.js';

const sockfd = fd;
const unixPath = caveat('the path of an AF_UNIX address is local');
const rights = caveat(
  'a remote descriptor sent in SCM_RIGHTS arrives as its placeholder, which answers EBADF',
);
const domain = flags('AF_');

export const network = {
  socket: call({ domain, type: u32, protocol: i32 }, newFd('type'), local),
  socketpair: call({ domain, type: u32, protocol: i32, sv: addr }, zero, local),
  bind: call({ sockfd, addr: inBytes('addrlen'), addrlen: i32 }, zero, local, unixPath),
  connect: call({ sockfd, addr: inBytes('addrlen'), addrlen: i32 }, zero, local, unixPath),
  listen: call({ sockfd, backlog: i32 }, zero, local),
  accept: call({ sockfd, addr, addrlen: addr }, newFd(), local),
  accept4: call({ sockfd, addr, addrlen: addr, flags: flags('SOCK_') }, newFd('flags'), local),
  shutdown: call({ sockfd, how: i32 }, zero, local),
  getsockname: call({ sockfd, addr, addrlen: addr }, zero, local),
  getpeername: call({ sockfd, addr, addrlen: addr }, zero, local),
  getsockopt: call({ sockfd, level: i32, optname: i32, optval: addr, optlen: addr }, zero, local),
  setsockopt: call({ sockfd, level: i32, optname: i32, optval: inBytes('optlen'), optlen: i32 }, zero, local),
  sendto: call(
    { sockfd, buf: inBytes('len'), len: u64, flags: u32, dest_addr: inBytes('addrlen'), addrlen: i32 },
    value,
    local,
    unixPath,
  ),
  recvfrom: call(
    { sockfd, buf: outBytes('len'), len: u64, flags: u32, src_addr: addr, addrlen: addr },
    { kind: 'count', of: 'buf' },
    local,
  ),
  sendmsg: call({ sockfd, msg: addr, flags: u32 }, value, local, rights),
  recvmsg: call({ sockfd, msg: addr, flags: u32 }, value, local),
  sendmmsg: call({ sockfd, msgvec: addr, vlen: u32, flags: u32 }, value, local, rights),
  recvmmsg: call(
    { sockfd, msgvec: addr, vlen: u32, flags: u32, timeout: inStruct('timespec') },
    value,
    local,
  ),
};
