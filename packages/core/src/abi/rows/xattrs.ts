/** Extended attributes: by path, by path without following a link, by descriptor, and relative to a directory. */
import {
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
  setxattr: call({ path, ...values }, zero, pathOf('path')),
  lsetxattr: call({ path, ...values }, zero, pathOf('path'), takesLink),
  fsetxattr: call({ fd, ...values }, zero, ownerOf('fd')),
  getxattr: call({ path, ...answer }, lengthOf('value'), pathOf('path')),
  lgetxattr: call({ path, ...answer }, lengthOf('value'), pathOf('path'), takesLink),
  fgetxattr: call({ fd, ...answer }, lengthOf('value'), ownerOf('fd')),
  listxattr: call({ path, ...names }, lengthOf('list'), pathOf('path')),
  llistxattr: call({ path, ...names }, lengthOf('list'), pathOf('path'), takesLink),
  flistxattr: call({ fd, ...names }, lengthOf('list'), ownerOf('fd')),
  removexattr: call({ path, name: text }, zero, pathOf('path')),
  lremovexattr: call({ path, name: text }, zero, pathOf('path'), takesLink),
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
  ),
  listxattrat: call(
    { dirfd, pathname: path, flags: flags('AT_'), list: outBytes('size'), size: u64 },
    lengthOf('list'),
    pathOf('dirfd', 'pathname'),
    atLink,
  ),
  removexattrat: call(
    { dirfd, pathname: path, flags: flags('AT_'), name: text },
    zero,
    pathOf('dirfd', 'pathname'),
    atLink,
  ),
};
