import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constant, constantIn, constants } from '@rsc/core/abi/constants';
import { describeCall, syscallsMarkdown } from '@rsc/core/abi/describe';
import { errno, errnoName, errnoText } from '@rsc/core/abi/errno';
import { fieldOf, structSize } from '@rsc/core/abi/structs';

const root = join(__dirname, '../../..');
const EXIT_NO_HEADERS = 3;

describe('the generated parts of the table', function () {
  this.timeout(60_000);

  const hasCompiler = spawnSync('gcc', ['--version']).error === undefined;
  const check = () =>
    spawnSync('node', ['scripts/generate-abi.mjs', '--check'], { cwd: root, encoding: 'utf8' });
  if (!hasCompiler) {
    it('agree with the kernel headers that are installed (needs: apt-get install gcc linux-libc-dev)');
  } else {
    it('agree with the kernel headers that are installed (or: apt-get install linux-libc-dev)', function () {
      const { status, stderr } = check();
      if (status === EXIT_NO_HEADERS) this.skip();
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    });
  }

  it('have flags that differ between architectures', () => {
    expect(constant('O_DIRECTORY')).to.equal(0o200000);
    expect(constant('O_DIRECTORY', 'aarch64')).to.equal(0o40000);
    expect(constants.x86_64.O_CLOEXEC).to.equal(constants.aarch64.O_CLOEXEC);
    expect(constantIn('aarch64', 'MAP_ABOVE4G')).to.equal(undefined);
  });

  it('have structs that differ between architectures', () => {
    expect([structSize('stat'), structSize('stat', 'aarch64')]).to.deep.equal([144, 128]);
    expect([structSize('epoll_event'), structSize('epoll_event', 'aarch64')]).to.deep.equal([12, 16]);
  });

  it('find the fields of a struct', () => {
    const lock = Buffer.alloc(structSize('flock'));
    lock.writeInt16LE(-1, 0);
    lock.writeBigInt64LE(-5n, 8);
    expect([fieldOf(lock, 'flock', 'l_type'), fieldOf(lock, 'flock', 'l_start')]).to.deep.equal([-1n, -5n]);
    expect(fieldOf(lock, 'flock', 'l_nothing')).to.equal(undefined);
  });

  it('know errors by number, name and text', () => {
    expect([errno.ENOENT, errnoName(2), errnoText(2)]).to.deep.equal([
      2,
      'ENOENT',
      'No such file or directory',
    ]);
    expect([errnoName(11), errnoName(35), errnoName(95)]).to.deep.equal(['EAGAIN', 'EDEADLK', 'EOPNOTSUPP']);
    expect([errnoName(4000), errnoText(4000)]).to.deep.equal(['errno 4000', 'Unknown error 4000']);
  });
});

describe('the description of a system call', () => {
  it('is plain data', () => {
    const openat = describeCall('openat');
    expect(JSON.parse(JSON.stringify(openat))).to.deep.equal({
      name: 'openat',
      numbers: { x86_64: 257, aarch64: 56 },
      args: [
        { name: 'dirfd', kind: 'descriptor or AT_FDCWD' },
        { name: 'pathname', kind: 'path' },
        { name: 'flags', kind: 'signed 32 bits, O_' },
        { name: 'mode', kind: 'unsigned 32 bits' },
      ],
      success: 'a new descriptor',
      runs: 'where pathname from dirfd leads',
      support: 'remote',
      sets: ['desc', 'file'],
      claimed: 'by pathname; file_alloc, inode_permission',
      caveats: [],
    });
  });

  it('says why a call is refused', () => {
    const { support, caveats } = describeCall('io_uring_setup');
    expect({ support, caveats }).to.deep.equal({
      support: 'refused',
      caveats: ['ENOSYS: calls made through a ring are never seen; programs fall back to plain calls'],
    });
  });

  it('has the commands of a call apart', () => {
    const { support, commands } = describeCall('fcntl');
    expect(support).to.equal('remote');
    expect(commands?.F_GETFD?.support).to.equal('local');
    expect(commands?.F_SETLEASE?.caveats[0]).to.match(/^EINVAL where it would be remote: /);
  });

  it('is what docs/syscalls.md says (or: make generate)', () => {
    expect(readFileSync(join(root, 'docs/syscalls.md'), 'utf8')).to.equal(syscallsMarkdown());
  });
});
