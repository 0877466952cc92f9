/** Extended attributes: by path, by path without following a link, by descriptor, and relative to a directory. */
import {
  vetoedBy,
  looks,
  call,
  dirfd,
  fd,
  flags,
  inBytes,
  lengthOf,
  outBytes,
  ownerOf,
  path,
  pathOf,
  takesLink,
  takesLinkIf,
  pointing,
  text,
  u64,
  zero,
} from '../vocabulary.js';

const atLink = takesLinkIf('flags', 'AT_SYMLINK_NOFOLLOW');
const values = { name: text, value: inBytes('size'), size: u64, flags: flags('XATTR_') } as const;
const answer = { name: text, value: outBytes('size'), size: u64 } as const;
const names = { list: outBytes('size'), size: u64 } as const;
const value = ['value', 'size'] as const;

export const xattrs = {
  setxattr: call({ path, ...values }, zero, pathOf('path'), vetoedBy('inode_setxattr')),
  lsetxattr: call({ path, ...values }, zero, pathOf('path'), takesLink, vetoedBy('inode_setxattr')),
  fsetxattr: call({ fd, ...values }, zero, ownerOf('fd')),
  getxattr: call({ path, ...answer }, lengthOf('value'), pathOf('path'), looks),
  lgetxattr: call({ path, ...answer }, lengthOf('value'), pathOf('path'), takesLink, looks),
  fgetxattr: call({ fd, ...answer }, lengthOf('value'), ownerOf('fd')),
  listxattr: call({ path, ...names }, lengthOf('list'), pathOf('path'), looks),
  llistxattr: call({ path, ...names }, lengthOf('list'), pathOf('path'), takesLink, looks),
  flistxattr: call({ fd, ...names }, lengthOf('list'), ownerOf('fd')),
  removexattr: call({ path, name: text }, zero, pathOf('path'), vetoedBy('inode_removexattr')),
  lremovexattr: call({ path, name: text }, zero, pathOf('path'), takesLink, vetoedBy('inode_removexattr')),
  fremovexattr: call({ fd, name: text }, zero, ownerOf('fd')),

  setxattrat: call(
    {
      dirfd,
      pathname: path,
      flags: flags('AT_'),
      name: text,
      args: pointing('in', 'xattr_args', value, 'size'),
      size: u64,
    },
    zero,
    pathOf('dirfd', 'pathname'),
    atLink,
    vetoedBy('inode_setxattr'),
  ),
  getxattrat: call(
    {
      dirfd,
      pathname: path,
      flags: flags('AT_'),
      name: text,
      args: pointing('out', 'xattr_args', value, 'size'),
      size: u64,
    },
    lengthOf('args'),
    pathOf('dirfd', 'pathname'),
    atLink,
    looks,
  ),
  listxattrat: call(
    { dirfd, pathname: path, flags: flags('AT_'), list: outBytes('size'), size: u64 },
    lengthOf('list'),
    pathOf('dirfd', 'pathname'),
    atLink,
    looks,
  ),
  removexattrat: call(
    { dirfd, pathname: path, flags: flags('AT_'), name: text },
    zero,
    pathOf('dirfd', 'pathname'),
    atLink,
    vetoedBy('inode_removexattr'),
  ),
};
