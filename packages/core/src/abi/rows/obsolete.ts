/** Numbers that no kernel of today answers with anything but ENOSYS, or that programs no longer use. */
import {
  addr,
  call,
  i32,
  local,
  localCall,
  path,
  pathOf,
  remoteUnsupported,
  u32,
  u64,
  value,
  zero,
} from '../vocabulary.js';

const gone = localCall('the kernel answers ENOSYS');

export const obsolete = {
  _sysctl: gone,
  afs_syscall: gone,
  create_module: gone,
  epoll_ctl_old: gone,
  epoll_wait_old: gone,
  get_kernel_syms: gone,
  getpmsg: gone,
  lookup_dcookie: gone,
  nfsservctl: gone,
  putpmsg: gone,
  query_module: gone,
  security: gone,
  tuxcall: gone,
  vserver: gone,
  uselib: call(
    { library: path },
    zero,
    pathOf('library'),
    remoteUnsupported('ENOSYS', 'shared libraries are local'),
  ),
  ustat: call({ dev: u32, ubuf: addr }, zero, local),
  sysfs: call({ option: i32, arg1: u64, arg2: u64 }, value, local),
};
