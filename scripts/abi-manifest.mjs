/**
 * What the generator takes from the kernel's headers: whole families of constants by header and prefix, single ones
 * that no user header of the kernel has (with their source), and the structs that rows name.
 */

/** [header, the names that are wanted from it]. A name is kept where its value is an integer constant. */
export const families = [
  ['linux/fcntl.h', /^(O|F|AT|FD|LOCK|DN)_[A-Z]/],
  ['linux/openat2.h', /^RESOLVE_/],
  ['linux/stat.h', /^(S_I|STATX_)/],
  ['linux/fs.h', /^(SEEK|RENAME|RWF|SYNC_FILE_RANGE|FS_IOC|BLK|FALLOC)_?[A-Z0-9_]*$|^(FI[A-Z]+)$/],
  ['linux/falloc.h', /^FALLOC_FL_/],
  ['linux/fadvise.h', /^POSIX_FADV_/],
  ['linux/xattr.h', /^XATTR_(CREATE|REPLACE)$/],
  ['linux/mman.h', /^(MAP|PROT|MREMAP|MCL|MLOCK|MADV)_[A-Z]|^MS_(ASYNC|SYNC|INVALIDATE)$/],
  ['linux/sched.h', /^(CLONE|SCHED)_[A-Z]|^CSIGNAL$/],
  ['linux/close_range.h', /^CLOSE_RANGE_/],
  ['linux/memfd.h', /^MFD_/],
  ['linux/random.h', /^GRND_/],
  ['linux/eventpoll.h', /^EPOLL_C/],
  ['asm/poll.h', /^POLL[A-Z]/],
  ['linux/inotify.h', /^IN_[A-Z]/],
  ['linux/time.h', /^CLOCK_[A-Z]/],
  ['linux/mount.h', /^(MS|MOVE_MOUNT|OPEN_TREE|FSOPEN|FSMOUNT|FSPICK)_[A-Z]/],
  ['linux/wait.h', /^(W[A-Z]+|P_[A-Z]+)$/],
  ['linux/prctl.h', /^PR_(GET|SET)_(?!MM_|VMA_|PTRACER_)/],
  ['asm/signal.h', /^SIG[A-Z0-9]+$/],
  ['asm/resource.h', /^RLIMIT_[A-Z]/],
  ['asm/ioctls.h', /^(TC|TIO|FIO)[A-Z0-9]+$/],
  ['linux/fscrypt.h', /^FS_IOC_/],
  ['linux/fsverity.h', /^FS_IOC_/],
];

/** Headers that the expressions of the families above need. */
export const also = [
  'linux/types.h',
  'asm/termbits.h',
  'linux/fiemap.h',
  'linux/blktrace_api.h',
  'linux/blkzoned.h',
  'linux/serial.h',
];

/** Not values: bounds, masks and macros that are of no use by name, and aliases for 32-bit programs. */
export const unwanted =
  /(_MAX|_MIN|_NR|_LAST_[A-Z]*|_MASK|_SHIFT|__RESERVED|_TYPE_BITS)$|^(O_ACCMODE_|CLONE_ARGS_|SIGSTKSZ|F_(GETLK|SETLK|SETLKW)64|IN_(CLOSE|MOVE|ALL_EVENTS)$|SIGRT|TIOCSER_TEMT|SIG(STKSZ|UNUSED|IOT|POLL)$|TIOCM_|TIOCPKT_|BLK_|RWF_SUPPORTED|MCL_[A-Z]*_)/;

/** Values that programs get from their C library: [name, value, where it is written down]. The same on both. */
export const written = [
  ['F_OK', 0, 'access(2), unistd.h'],
  ['X_OK', 1, 'access(2), unistd.h'],
  ['W_OK', 2, 'access(2), unistd.h'],
  ['R_OK', 4, 'access(2), unistd.h'],
  ['O_RDONLY', 0, 'open(2)'],
  ['SPLICE_F_MOVE', 1, 'include/linux/splice.h'],
  ['SPLICE_F_NONBLOCK', 2, 'include/linux/splice.h'],
  ['SPLICE_F_MORE', 4, 'include/linux/splice.h'],
  ['SPLICE_F_GIFT', 8, 'include/linux/splice.h'],
  ['SOCK_STREAM', 1, 'include/linux/net.h'],
  ['SOCK_DGRAM', 2, 'include/linux/net.h'],
  ['SOCK_RAW', 3, 'include/linux/net.h'],
  ['SOCK_SEQPACKET', 5, 'include/linux/net.h'],
  ['SOCK_NONBLOCK', 0o4000, 'include/linux/net.h'],
  ['SOCK_CLOEXEC', 0o2000000, 'include/linux/net.h'],
  ['EFD_SEMAPHORE', 1, 'include/linux/eventfd.h'],
  ['EFD_NONBLOCK', 0o4000, 'include/linux/eventfd.h'],
  ['EFD_CLOEXEC', 0o2000000, 'include/linux/eventfd.h'],
  ['EPOLLET', 0x8000_0000, 'include/uapi/linux/eventpoll.h'],
  ['EPOLLONESHOT', 0x4000_0000, 'include/uapi/linux/eventpoll.h'],
  ['AF_UNSPEC', 0, 'include/linux/socket.h'],
  ['AF_UNIX', 1, 'include/linux/socket.h'],
  ['AF_INET', 2, 'include/linux/socket.h'],
  ['AF_INET6', 10, 'include/linux/socket.h'],
  ['AF_NETLINK', 16, 'include/linux/socket.h'],
  ['AF_PACKET', 17, 'include/linux/socket.h'],
  ['AF_VSOCK', 40, 'include/linux/socket.h'],
];

/** Errors that never leave the kernel but through ptrace (include/linux/errno.h): [name, number, text as strace's]. */
export const kernelErrors = [
  ['ERESTARTSYS', 512, 'To be restarted if SA_RESTART is set'],
  ['ERESTARTNOINTR', 513, 'To be restarted'],
  ['ERESTARTNOHAND', 514, 'To be restarted if no handler'],
  ['ERESTART_RESTARTBLOCK', 516, 'Interrupted by signal'],
];

/** [the name in rows, its C type, its header, the fields that are printed or read by name]. */
export const structs = [
  ['int', 'int', 'linux/types.h', []],
  ['char', 'char', 'linux/types.h', []],
  ['long', 'long', 'linux/types.h', []],
  ['u64', '__u64', 'linux/types.h', []],
  ['u64[2]', 'struct { __u64 at[2]; }', 'linux/types.h', []],
  ['loff_t', '__kernel_loff_t', 'linux/types.h', []],
  [
    'stat',
    'struct stat',
    'asm/stat.h',
    'st_dev st_ino st_mode st_nlink st_uid st_gid st_rdev st_size st_blksize st_blocks st_atime st_mtime st_ctime',
  ],
  [
    'statx',
    'struct statx',
    'linux/stat.h',
    'stx_mask stx_blksize stx_attributes stx_nlink stx_uid stx_gid stx_mode stx_ino stx_size stx_blocks',
  ],
  [
    'statfs',
    'struct statfs',
    'asm/statfs.h',
    'f_type f_bsize f_blocks f_bfree f_bavail f_files f_ffree f_namelen f_frsize f_flags',
  ],
  ['flock', 'struct flock', 'linux/fcntl.h', 'l_type l_whence l_start l_len l_pid'],
  ['open_how', 'struct open_how', 'linux/openat2.h', 'flags mode resolve'],
  [
    'clone_args',
    'struct clone_args',
    'linux/sched.h',
    'flags pidfd child_tid parent_tid exit_signal stack stack_size tls',
  ],
  ['iovec', 'struct iovec', 'linux/uio.h', 'iov_base iov_len'],
  ['pollfd', 'struct pollfd', 'asm/poll.h', 'fd events revents'],
  ['epoll_event', 'struct epoll_event', 'linux/eventpoll.h', 'events data'],
  ['timespec', 'struct __kernel_timespec', 'linux/time_types.h', 'tv_sec tv_nsec'],
  ['timespec[2]', 'struct { struct __kernel_timespec at[2]; }', 'linux/time_types.h', []],
  ['timeval', 'struct __kernel_old_timeval', 'linux/time_types.h', 'tv_sec tv_usec'],
  ['timeval[2]', 'struct { struct __kernel_old_timeval at[2]; }', 'linux/time_types.h', []],
  ['timezone', 'struct timezone', 'linux/time.h', 'tz_minuteswest tz_dsttime'],
  ['utimbuf', 'struct utimbuf', 'linux/utime.h', 'actime modtime'],
  ['utsname', 'struct new_utsname', 'linux/utsname.h', 'sysname nodename release version machine domainname'],
  ['sysinfo', 'struct sysinfo', 'linux/sysinfo.h', 'uptime totalram freeram procs'],
  ['termios', 'struct termios', 'asm/termbits.h', 'c_iflag c_oflag c_cflag c_lflag'],
  ['termio', 'struct termio', 'asm/termios.h', 'c_iflag c_oflag c_cflag c_lflag'],
  ['winsize', 'struct winsize', 'asm/termios.h', 'ws_row ws_col ws_xpixel ws_ypixel'],
  ['serial_struct', 'struct serial_struct', 'linux/serial.h', []],
  ['serial_icounter', 'struct serial_icounter_struct', 'linux/serial.h', []],
  ['serial_rs485', 'struct serial_rs485', 'linux/serial.h', []],
  ['cachestat_range', 'struct cachestat_range', 'linux/mman.h', 'off len'],
  [
    'cachestat',
    'struct cachestat',
    'linux/mman.h',
    'nr_cache nr_dirty nr_writeback nr_evicted nr_recently_evicted',
  ],
  ['xattr_args', 'struct xattr_args', 'linux/xattr.h', 'value size flags'],
];
