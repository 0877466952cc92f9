import { expect } from 'chai';
import { claimOf, effectOf, entryPointOf, type Claim, type Effect } from '@rsc/core/abi/claimed';
import { constant } from '@rsc/core/abi/constants';
import { rowsOf } from '@rsc/core/abi/lookup';
import { syscallNames, table, type SyscallName } from '@rsc/core/abi/table';

const always: Claim = { kind: 'always' };
const anyRemote: Claim = { kind: 'ifAnyRemote' };
const never: Claim = { kind: 'never' };
const by = (descriptors: number[], ...paths: [directory: number | undefined, path: number][]): Claim => ({
  kind: 'ifArguments',
  descriptors,
  paths: paths.map(([directory, path]) => ({ directory, path })),
});
const harmless: Effect = { kind: 'harmless' };
const wanted: Effect = { kind: 'wanted' };
const done = (...hooks: string[]): Effect => ({ kind: 'done', hooks }) as Effect;

const rows: readonly (readonly [SyscallName, Claim, Effect])[] = [
  ['read', by([0]), harmless],
  ['getdents64', by([0]), harmless],
  ['stat', by([], [undefined, 0]), harmless],
  ['newfstatat', by([], [0, 1]), harmless],
  ['openat', by([], [0, 1]), done('file_alloc', 'inode_permission')],
  ['mkdir', by([], [undefined, 0]), done('inode_permission')],
  ['renameat2', by([], [0, 1], [2, 3]), done('inode_permission')],
  ['fchownat', by([], [0, 1]), done('inode_permission', 'inode_setattr')],
  ['symlinkat', by([], [1, 2]), done('inode_permission')],
  ['inotify_add_watch', by([0], [undefined, 1]), done('inode_permission')],
  ['sendfile', by([0, 1]), harmless],
  ['close', by([0]), wanted],
  ['dup2', by([0, 1]), wanted],
  ['fcntl', by([0]), wanted],
  ['ioctl', by([0]), wanted],
  ['close_range', anyRemote, wanted],
  ['epoll_ctl', by([0, 2]), wanted],
  ['epoll_create1', always, wanted],
  ['epoll_wait', anyRemote, wanted],
  ['poll', anyRemote, harmless],
  ['select', anyRemote, wanted],
  ['restart_syscall', anyRemote, harmless],
  ['munmap', anyRemote, wanted],
  ['chdir', always, done('inode_permission')],
  ['fchdir', always, done('inode_permission')],
  ['execve', always, done('file_alloc', 'inode_permission')],
  ['io_uring_setup', always, done('file_alloc')],
  ['umount2', always, done('inode_permission', 'capable')],
  ['umask', always, wanted],
  ['getcwd', always, harmless],
  ['uname', always, harmless],
  ['kill', never, done('task_kill')],
  ['mq_open', never, done('file_alloc', 'inode_permission')],
  ['pidfd_getfd', never, done('file_alloc', 'file_receive')],
  ['getrlimit', never, done()],
];

describe('how calls are claimed', () => {
  for (const [name, claim, effect] of rows) {
    it(`${name}: ${claim.kind}, and here ${effect.kind === 'done' ? `vetoed by ${effect.hooks.join(', ')}` : effect.kind}`, () => {
      expect([claimOf(table[name]), effectOf(table[name])]).to.deep.equal([claim, effect]);
    });
  }

  it('mmap: by its descriptor, unless it maps memory of its own', () => {
    expect(claimOf(table.mmap)).to.deep.equal({
      kind: 'ifArguments',
      descriptors: [4],
      paths: [],
      unless: { argument: 3, bits: constant('MAP_ANONYMOUS') },
    });
  });

  it('has room in a rule for all arguments that decide', () => {
    for (const name of syscallNames) {
      const claim = claimOf(table[name]);
      if (claim.kind !== 'ifArguments') continue;
      expect(claim.descriptors.length, name).to.be.at.most(2);
      expect(claim.paths.length, name).to.be.at.most(2);
      expect([...claim.descriptors, ...claim.paths.map(({ path }) => path)], name).to.not.include(-1);
    }
  });

  it('knows a hook for each call on paths that does something here', () => {
    for (const name of syscallNames) {
      const effect = effectOf(table[name]);
      const takesPath = rowsOf(table[name]).some(
        ({ runs }) => runs.kind === 'pathOf' || runs.kind === 'pathsOf',
      );
      if (effect.kind === 'done' && takesPath) expect(effect.hooks, name).to.include('inode_permission');
    }
  });

  it('names the functions of the kernel', () => {
    expect([entryPointOf('openat'), entryPointOf('umount2')]).to.deep.equal([
      '__x64_sys_openat',
      '__x64_sys_umount',
    ]);
  });
});
