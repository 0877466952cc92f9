/**
 * What strace prints otherwise than rsc does: by row and argument, why. Nothing else may differ. What is behind an argument
 * that a row describes as an address is not among it: rsc does not look there.
 */
export const differences: Readonly<Record<string, string>> = {
  // Of calls that can be remote.
  'fcntl F_DUPFD_QUERY cmd': 'younger than strace 6.1',
  'fcntl F_GET_FILE_RW_HINT cmd': 'strace has no name for it',
  'fcntl F_GET_RW_HINT cmd': 'strace has no name for it',
  'fcntl F_GET_RW_HINT hint': 'strace does not look behind it',
  'fcntl F_SET_FILE_RW_HINT cmd': 'strace has no name for it',
  'fcntl F_SET_FILE_RW_HINT hint': 'strace does not look behind it',
  'fcntl F_SET_RW_HINT cmd': 'strace has no name for it',
  'fcntl F_SET_RW_HINT hint': 'strace does not look behind it',
  'fgetxattr value': 'strace prints a byte where none was asked for',
  'fsetxattr value': 'strace does not look at values longer than 64 KiB',
  'lsetxattr value': 'strace does not look at values longer than 64 KiB',
  'setxattr value': 'strace does not look at values longer than 64 KiB',
  'fstatfs buf': 'strace has names for file systems and mount flags',
  'statfs buf': 'strace has names for file systems and mount flags',
  'getcwd buf': 'rsc shows the NUL that the kernel counts',
  'getrandom buf': 'strace prints random bytes in hexadecimal',
  'inotify_init1 flags': 'strace has the flags in another order',
  'ioctl FS_IOC_GETFLAGS arg': 'strace has names for the flags of inodes',
  'ioctl TCSETA arg': 'strace has names for the modes of terminals',
  'ioctl TCSETAF arg': 'strace has names for the modes of terminals',
  'ioctl TCSETAW arg': 'strace has names for the modes of terminals',
  'ioctl TCSETS arg': 'strace has names for the modes of terminals',
  'ioctl TCSETSF arg': 'strace has names for the modes of terminals',
  'ioctl TCSETSW arg': 'strace has names for the modes of terminals',
  'ioctl TIOCSLCKTRMIOS arg': 'strace has names for the modes of terminals',
  'ioctl TIOCGPTPEER flags': 'strace does not take an address for flags',
  'ioctl TIOCSTI arg': 'strace prints a character as text',
  'listxattr list': 'strace prints an address where nothing was asked for',
  'mmap flags': 'strace says MAP_FILE where there is no flag',
  'openat2 how': 'strace shows the bytes behind the struct that it knows',
  'poll fds': 'strace leaves out the events of a negative descriptor',
  'symlink target': 'strace prints all of a target',
  'utimensat times': 'strace has names for UTIME_NOW and UTIME_OMIT',

  // Of calls that are always local, whose numbers rsc does not name.
  'arch_prctl op': 'a name of strace',
  'clone3 cl_args': 'strace prints more fields',
  'epoll_ctl event': 'strace has names for events',
  'recvfrom flags': 'a name of strace',
  'rt_sigaction signum': 'strace has names for real-time signals',
  'rt_sigqueueinfo sig': 'strace has names for real-time signals',
  'signalfd4 flags':
    'strace has a name of its own for each call that takes O_CLOEXEC, and shows sets of signals',
  'rt_sigprocmask how': 'a name of strace',
  'setitimer which': 'a name of strace',
  'socketpair type': 'a name of strace',
  'sysinfo info': 'strace prints more fields',
  'wait4 options': 'WSTOPPED is another name of WUNTRACED',
};

/** Rows whose arguments strace prints in another number or order. */
export const reordered: Readonly<Record<string, string>> = {
  clone: 'strace begins with the stack, and prints what the flags ask for',
  'fcntl F_CREATED_QUERY': 'younger than strace 6.1',
  futex: 'strace prints what the operation takes',
  'ioctl TIOCSSERIAL': 'strace leaves out its argument',
  mremap: 'strace leaves out an address that no flag asks for',
  prctl: 'strace prints what the option takes',
  restart_syscall: 'strace says which call goes on',
  rt_sigreturn: 'strace prints the mask that comes back',
};
