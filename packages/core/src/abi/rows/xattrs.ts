/** Extended attributes: by path, by path without following a link, by descriptor, and relative to a directory. */
import {
  call,
  countOf,
  dirfd,
  fd,
  flags,
  inBytes,
  outBytes,
  ownerOf,
  path,
  pathOf,
  remoteUnsupported,
  addr,
  text,
  u64,
  zero,
} from '../vocabulary.js';

const values = { name: text, value: inBytes('size'), size: u64, flags: flags('XATTR_') } as const;
const answer = { name: text, value: outBytes('size'), size: u64 } as const;
const names = { list: outBytes('size'), size: u64 } as const;
const pointer = 'its argument struct holds a pointer, which is not followed yet';

export const xattrs = {
  setxattr: call({ path, ...values }, zero, pathOf('path')),
  lsetxattr: call({ path, ...values }, zero, pathOf('path')),
  fsetxattr: call({ fd, ...values }, zero, ownerOf('fd')),
  getxattr: call({ path, ...answer }, countOf('value'), pathOf('path')),
  lgetxattr: call({ path, ...answer }, countOf('value'), pathOf('path')),
  fgetxattr: call({ fd, ...answer }, countOf('value'), ownerOf('fd')),
  listxattr: call({ path, ...names }, countOf('list'), pathOf('path')),
  llistxattr: call({ path, ...names }, countOf('list'), pathOf('path')),
  flistxattr: call({ fd, ...names }, countOf('list'), ownerOf('fd')),
  removexattr: call({ path, name: text }, zero, pathOf('path')),
  lremovexattr: call({ path, name: text }, zero, pathOf('path')),
  fremovexattr: call({ fd, name: text }, zero, ownerOf('fd')),

  setxattrat: call(
    { dirfd, pathname: path, flags: flags('AT_'), name: text, args: addr, size: u64 },
    zero,
    pathOf('dirfd', 'pathname'),
    remoteUnsupported('ENOSYS', pointer),
  ),
  getxattrat: call(
    { dirfd, pathname: path, flags: flags('AT_'), name: text, args: addr, size: u64 },
    { kind: 'value' },
    pathOf('dirfd', 'pathname'),
    remoteUnsupported('ENOSYS', pointer),
  ),
  listxattrat: call(
    { dirfd, pathname: path, flags: flags('AT_'), list: outBytes('size'), size: u64 },
    countOf('list'),
    pathOf('dirfd', 'pathname'),
  ),
  removexattrat: call(
    { dirfd, pathname: path, flags: flags('AT_'), name: text },
    zero,
    pathOf('dirfd', 'pathname'),
  ),
};
