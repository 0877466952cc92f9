/**
 * ioctl(2): the requests whose number does not say what they point to, and those that have to be kept from the server.
 * Of all others direction and size stand in the number (linux/ioctl.h).
 */
import {
  addr,
  call,
  callBy,
  caveat,
  fd,
  flags,
  i32,
  inOutStruct,
  inStruct,
  ioctlData,
  marksCloexec,
  local,
  newFd,
  outStruct,
  ownerOf,
  ownersOf,
  remoteUnsupported,
  value,
  zero,
} from '../vocabulary.js';
import type { StructName } from '../structs.js';

const request = flags('ioctl');
const runs = ownerOf('fd');

const bare = call({ fd, request }, zero, runs);
const scalar = call({ fd, request, arg: i32 }, zero, runs);
const puts = (struct: StructName) => call({ fd, request, arg: outStruct(struct) }, zero, runs);
const gets = (struct: StructName) => call({ fd, request, arg: inStruct(struct) }, zero, runs);
const swaps = (struct: StructName) => call({ fd, request, arg: inOutStruct(struct) }, zero, runs);

const noControl = call(
  { fd, request, arg: addr },
  zero,
  runs,
  remoteUnsupported('ENOTTY', 'sessions and process groups are local: a remote terminal controls none'),
);
const noSignals = call(
  { fd, request, arg: inStruct('int') },
  zero,
  runs,
  remoteUnsupported('EINVAL', 'signals do not come from remote files'),
);
const notDescribed = call(
  { fd, request, arg: addr },
  value,
  runs,
  remoteUnsupported('EOPNOTSUPP', 'its argument is of variable size or holds pointers or descriptors'),
);

export const ioctl = callBy(
  { index: 1, set: 'ioctl' },
  {
    FIOCLEX: call({ fd, request }, zero, local, marksCloexec('fd', true)),
    FIONCLEX: call({ fd, request }, zero, local, marksCloexec('fd', false)),
    FIONBIO: gets('int'),
    FIONREAD: puts('int'),
    FIOQSIZE: puts('loff_t'),
    FIOASYNC: noSignals,
    FIBMAP: swaps('int'),
    FIGETBSZ: puts('int'),
    FICLONE: call({ fd, request, src_fd: fd }, zero, ownersOf('fd', 'src_fd', 'EXDEV')),
    FICLONERANGE: notDescribed,
    FIDEDUPERANGE: notDescribed,

    // Numbered as if they took a long; the kernel moves an int (fs/ioctl.c).
    FS_IOC_GETFLAGS: puts('int'),
    FS_IOC_SETFLAGS: gets('int'),
    FS_IOC_GETVERSION: puts('int'),
    FS_IOC_SETVERSION: gets('int'),
    FS_IOC_FIEMAP: notDescribed,
    FS_IOC_ADD_ENCRYPTION_KEY: notDescribed,
    FS_IOC_GET_ENCRYPTION_POLICY_EX: notDescribed,
    FS_IOC_SET_ENCRYPTION_POLICY: notDescribed,
    FS_IOC_ENABLE_VERITY: notDescribed,
    FS_IOC_MEASURE_VERITY: notDescribed,
    FS_IOC_READ_VERITY_METADATA: notDescribed,

    BLKROSET: gets('int'),
    BLKROGET: puts('int'),
    BLKRRPART: bare,
    BLKGETSIZE: puts('long'),
    BLKFLSBUF: bare,
    BLKRASET: scalar,
    BLKRAGET: puts('long'),
    BLKFRASET: scalar,
    BLKFRAGET: puts('long'),
    BLKSECTGET: puts('int'),
    BLKSSZGET: puts('int'),
    // Numbered with a size_t; the kernel moves an int (block/ioctl.c).
    BLKBSZGET: puts('int'),
    BLKBSZSET: gets('int'),
    BLKDISCARD: gets('u64[2]'),
    BLKSECDISCARD: gets('u64[2]'),
    BLKZEROOUT: gets('u64[2]'),
    BLKIOMIN: puts('int'),
    BLKIOOPT: puts('int'),
    BLKALIGNOFF: puts('int'),
    BLKPBSZGET: puts('int'),
    BLKDISCARDZEROES: puts('int'),
    BLKROTATIONAL: puts('int'),

    TCGETS: puts('termios'),
    TCSETS: gets('termios'),
    TCSETSW: gets('termios'),
    TCSETSF: gets('termios'),
    TCGETA: puts('termio'),
    TCSETA: gets('termio'),
    TCSETAW: gets('termio'),
    TCSETAF: gets('termio'),
    TCSBRK: scalar,
    TCSBRKP: scalar,
    TCXONC: scalar,
    TCFLSH: scalar,
    TIOCEXCL: bare,
    TIOCNXCL: bare,
    TIOCSTI: gets('char'),
    TIOCGWINSZ: puts('winsize'),
    TIOCSWINSZ: gets('winsize'),
    TIOCMGET: puts('int'),
    TIOCMBIS: gets('int'),
    TIOCMBIC: gets('int'),
    TIOCMSET: gets('int'),
    TIOCMIWAIT: scalar,
    TIOCGICOUNT: puts('serial_icounter'),
    TIOCGSOFTCAR: puts('int'),
    TIOCSSOFTCAR: gets('int'),
    TIOCOUTQ: puts('int'),
    TIOCCONS: bare,
    TIOCGSERIAL: puts('serial_struct'),
    TIOCSSERIAL: gets('serial_struct'),
    TIOCGRS485: puts('serial_rs485'),
    TIOCSRS485: gets('serial_rs485'),
    TIOCSERGETLSR: puts('int'),
    TIOCPKT: gets('int'),
    TIOCSETD: gets('int'),
    TIOCGETD: puts('int'),
    TIOCSBRK: bare,
    TIOCCBRK: bare,
    TIOCGLCKTRMIOS: puts('termios'),
    TIOCSLCKTRMIOS: gets('termios'),
    TIOCVHANGUP: bare,
    TIOCGPTPEER: call({ fd, request, flags: flags('O_') }, newFd('flags'), runs),
    TIOCLINUX: notDescribed,
    TIOCSCTTY: noControl,
    TIOCNOTTY: noControl,
    TIOCGPGRP: noControl,
    TIOCSPGRP: noControl,
    TIOCGSID: noControl,
  },
  call(
    { fd, request, arg: ioctlData('request') },
    value,
    runs,
    caveat(
      'requests whose number does not say direction and size only work where a row of their own describes them',
    ),
  ),
);
