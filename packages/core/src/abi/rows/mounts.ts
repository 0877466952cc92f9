/** Calls that change what paths mean, or administer what is mounted. */
import {
  vetoedBy,
  addr,
  call,
  dirfd,
  fd,
  flags,
  flags64,
  i32,
  newFd,
  ownerOf,
  path,
  pathOf,
  refused,
  remoteUnsupported,
  text,
  u32,
  u64,
  local,
  value,
  zero,
} from '../vocabulary.js';

const changesPaths = refused('EPERM', 'it would change what local paths mean');
const administers = remoteUnsupported('EPERM', "it administers the tracee's machine, not the server");

export const mounts = {
  chroot: call({ path }, zero, changesPaths, vetoedBy('capable')),
  pivot_root: call({ new_root: path, put_old: path }, zero, changesPaths, vetoedBy('capable')),
  mount: call(
    { source: text, target: path, filesystemtype: text, mountflags: flags64('MS_'), data: addr },
    zero,
    changesPaths,
    vetoedBy('capable'),
  ),
  umount2: call({ target: path, flags: u32 }, zero, changesPaths, vetoedBy('capable')),
  move_mount: call(
    { from_dirfd: dirfd, from_path: path, to_dirfd: dirfd, to_path: path, flags: flags('MOVE_MOUNT_') },
    zero,
    changesPaths,
    vetoedBy('capable'),
  ),
  mount_setattr: call(
    { dirfd, pathname: path, flags: flags('AT_'), attr: addr, size: u64 },
    zero,
    changesPaths,
    vetoedBy('capable'),
  ),
  open_tree: call({ dirfd, pathname: path, flags: flags('OPEN_TREE_') }, newFd(), changesPaths),
  open_tree_attr: call(
    { dirfd, pathname: path, flags: flags('OPEN_TREE_'), attr: addr, size: u64 },
    newFd(),
    changesPaths,
  ),
  fspick: call({ dirfd, pathname: path, flags: flags('FSPICK_') }, newFd(), changesPaths),
  fsopen: call({ fs_name: text, flags: flags('FSOPEN_') }, newFd(), local),
  fsconfig: call({ fd, cmd: u32, key: text, value: addr, aux: i32 }, zero, local),
  fsmount: call({ fd, flags: flags('FSMOUNT_'), attr_flags: u32 }, newFd(), local),
  statmount: call({ req: addr, buf: addr, bufsize: u64, flags: u32 }, zero, local),
  listmount: call({ req: addr, mnt_ids: addr, nr_mnt_ids: u64, flags: u32 }, value, local),
  listns: call({ req: addr, ns_ids: addr, nr_ns_ids: u64, flags: u32 }, value, local),

  swapon: call({ path, swapflags: u32 }, zero, pathOf('path'), administers, vetoedBy('capable')),
  swapoff: call({ path }, zero, pathOf('path'), administers, vetoedBy('capable')),
  acct: call({ filename: path }, zero, pathOf('filename'), administers, vetoedBy('capable')),
  quotactl: call(
    { cmd: u32, special: path, id: i32, addr },
    zero,
    pathOf('special'),
    administers,
    vetoedBy('capable'),
  ),
  quotactl_fd: call({ fd, cmd: u32, id: i32, addr }, zero, ownerOf('fd'), administers),
};
