import { expect } from 'chai';
import { membersOfSet, parseSyscallSet, setsOf, trappedCalls } from '@rsc/core/abi/sets';
import { syscallNames } from '@rsc/core/abi/table';
import { RscError } from '@rsc/core/errors';

/** strace 6.1's %file, without fsconfig, whose path is a text; and umask, which limits the mode of new files. */
const fileSet = `access acct chdir chmod chown chroot creat execve execveat faccessat faccessat2 fanotify_mark fchmodat
  fchownat fspick futimesat getcwd getxattr inotify_add_watch lchown lgetxattr link linkat listxattr llistxattr
  lremovexattr lsetxattr lstat mkdir mkdirat mknod mknodat mount mount_setattr move_mount name_to_handle_at newfstatat
  open open_tree openat openat2 pivot_root quotactl readlink readlinkat removexattr rename renameat renameat2 rmdir
  setxattr stat statfs statx swapoff swapon symlink symlinkat truncate umask umount2 unlink unlinkat uselib utime
  utimensat utimes`;

/** Calls on files that are younger than strace 6.1. */
const youngerFileCalls = `fchmodat2 file_getattr file_setattr getxattrat listxattrat open_tree_attr removexattrat
  setxattrat`;

/** strace 6.1's %network, without two calls that no kernel has. */
const netSet = `accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendfile
  sendmmsg sendmsg sendto setsockopt shutdown socket socketpair`;

function words(text: string): string[] {
  return text.split(/\s+/).sort();
}

function chosen(list: string): string[] {
  return [...parseSyscallSet(list).names].sort();
}

function trapped(list: string): string[] {
  return [...trappedCalls(parseSyscallSet(list))].sort();
}

describe('sets of system calls', () => {
  it('has in file what takes a path, as strace', () => {
    expect([...membersOfSet('file')].sort()).to.deep.equal(words(`${fileSet} ${youngerFileCalls}`));
  });

  it('has in net what strace has', () => {
    expect([...membersOfSet('net')].sort()).to.deep.equal(words(netSet));
  });

  it('has in desc what takes or makes a descriptor, but for sockets', () => {
    const sample = [
      'read',
      'openat',
      'mmap',
      'poll',
      'select',
      'eventfd2',
      'pipe',
      'socket',
      'sendmsg',
      'stat',
    ];
    expect(
      sample.filter((name) => [...membersOfSet('desc')].some((member) => member === name)),
    ).to.deep.equal(sample.slice(0, 7));
  });

  it('has everything in all', () => {
    expect(membersOfSet('all').size).to.equal(syscallNames.length);
  });

  it('tells the sets of a call', () => {
    expect(setsOf('openat')).to.deep.equal(['desc', 'file']);
    expect(setsOf('kill')).to.deep.equal(['process', 'signal']);
    expect(setsOf('uname')).to.deep.equal([]);
  });
});

describe('choosing system calls', () => {
  it('takes sets, names, and names away again', () => {
    const list = chosen('net,!socket, getppid');
    expect(list).to.deep.equal(words(`${netSet} getppid`).filter((name) => name !== 'socket'));
  });

  it('reads a list from left to right', () => {
    expect(chosen('!file,stat')).to.include('stat').and.not.include('lstat');
    expect(chosen('stat,!file')).to.deep.equal([]);
  });

  it('begins with all calls where it takes away first', () => {
    expect(chosen('!all')).to.deep.equal([]);
    expect(chosen('!openat')).to.have.length(syscallNames.length - 1);
  });

  it('remembers which calls were named one by one', () => {
    expect([...parseSyscallSet('all,getppid,uname,!uname').named]).to.deep.equal(['getppid']);
  });

  const mistakes: [list: string, message: string, suggestion: string][] = [
    ['file,opneat', 'there is no system call or set named "opneat"', 'did you mean openat?'],
    ['flie', 'there is no system call or set named "flie"', 'did you mean file?'],
    ['!', 'there is no system call or set named ""', 'the sets are all, desc, file'],
    ['qqqqqqqqq', 'there is no system call or set named "qqqqqqqqq"', 'the sets are all, desc, file'],
    [' , ', 'no system calls are chosen: the list is empty', 'try: --syscalls file'],
  ];
  for (const [list, message, suggestion] of mistakes) {
    it(`refuses ${JSON.stringify(list)} and says what could be meant`, () => {
      expect(() => parseSyscallSet(list)).to.throw(RscError, message);
      try {
        parseSyscallSet(list);
      } catch (error) {
        expect((error as RscError).code).to.equal('RSC_SYSCALL_UNKNOWN');
        expect((error as RscError).suggestion).to.include(suggestion);
      }
    });
  }
});

describe('the calls at which a tracee stops', () => {
  it('are none where all that is chosen is local', () => {
    expect(trapped('futex,net,getpid')).to.include('getpid').and.not.include('futex');
    expect(trapped('ipc,signal,memory,!mmap')).to.deep.equal([]);
  });

  it('have a call that is only remote when named, if it is named', () => {
    expect(trapped('process')).to.not.include('getppid');
    expect(trapped('getppid')).to.deep.equal(['getppid']);
  });

  it('are only the chosen ones where these leave nothing remote behind', () => {
    expect(trapped('stat,unlink')).to.deep.equal(['stat', 'unlink']);
  });

  it('have the calls on descriptors where remote ones can be opened', () => {
    const stops = trapped('openat');
    expect(stops).to.include.members([
      'openat',
      'read',
      'close',
      'close_range',
      'dup2',
      'fcntl',
      'ioctl',
      'mmap',
      'poll',
      'epoll_ctl',
      'execve',
      'fchdir',
      'io_uring_setup',
    ]);
    expect(stops).to.not.include.members(['getppid', 'futex', 'munmap', 'chroot', 'umask', 'socket']);
  });

  it('have the calls on relative paths where a remote directory can be entered', () => {
    expect(trapped('chdir')).to.include.members(['openat', 'stat', 'getcwd', 'execve']);
  });

  it('have the calls that are refused', () => {
    expect(trapped('file')).to.include.members(['chroot', 'mount', 'pivot_root']);
  });
});
