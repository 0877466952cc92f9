import { expect } from 'chai';
import { run } from './ending';
import { guest } from './places';
import { rscRun, rscRunAt } from './rsc';
import { complaint, expectFailure, program, UntouchedRoot } from './untouched-root';

describe('a run that cannot begin says why, and changes nothing', function () {
  this.timeout(60_000);
  const root = new UntouchedRoot();

  describe('on the command line', () => {
    const rows: {
      title: string;
      options: () => string[];
      command?: string[];
      status: number;
      says: () => string;
    }[] = [
      {
        title: 'refuses an unknown syscall, and names the nearest',
        options: () => ['--embedded', root.path, '--syscalls', 'opnat'],
        status: 2,
        says: () => complaint('there is no system call or set named "opnat"', 'did you mean openat?'),
      },
      {
        title: 'refuses an unknown set, and names the nearest',
        options: () => ['--embedded', root.path, '--syscalls', 'file,dsc'],
        status: 2,
        says: () => complaint('there is no system call or set named "dsc"', 'did you mean desc?'),
      },
      {
        title: 'refuses an address of no known form',
        options: () => ['--server', 'carrier-pigeon://loft'],
        status: 2,
        says: () =>
          complaint(
            'cannot use the address carrier-pigeon://loft: it is not of a known form',
            'write tcp://host:port, unix:///path, vsock://cid:port or vsock+unix:///path:port',
          ),
      },
      {
        title: 'refuses to run with no server named',
        options: () => [],
        status: 2,
        says: () =>
          complaint(
            'cannot open a session: no server was named',
            'name one with --server tcp://host:port or RSC_SERVER, or start one inside with --embedded DIR',
          ),
      },
      {
        title: 'refuses to run nothing',
        options: () => ['--embedded', root.path],
        command: [],
        status: 2,
        says: () => complaint('no program to run was given', 'rsc run --help'),
      },
      {
        title: 'refuses an unknown option',
        options: () => ['--embeded', root.path],
        status: 2,
        says: () => complaint('nonexistent flag: --embeded', 'rsc run --help'),
      },
      {
        title: 'refuses programs of the server where it would look for them here',
        options: () => ['--embedded', root.path, '--exec', 'remote', '--syscalls', 'desc'],
        status: 2,
        says: () =>
          complaint(
            'cannot take programs from the server: execve stays here',
            'choose the calls on paths as well: --syscalls file',
          ),
      },
      {
        title: 'refuses a root that is not there',
        options: () => ['--embedded', '/nowhere'],
        status: 125,
        says: () =>
          complaint(
            'cannot serve /nowhere: no such directory',
            'name an existing directory, which sessions shall see as /',
          ),
      },
      {
        title: 'refuses a root that is a file',
        options: () => ['--embedded', '/usr/bin/env'],
        status: 125,
        says: () =>
          complaint(
            'cannot serve /usr/bin/env: it is not a directory',
            'name an existing directory, which sessions shall see as /',
          ),
      },
      {
        title: 'says 127 for a program that is not found',
        options: () => ['--embedded', root.path],
        command: ['no-such-program'],
        status: 127,
        says: () =>
          complaint(
            'cannot run no-such-program: no such program in PATH',
            'programs run from this machine: install it here, or name it by its path',
          ),
      },
      {
        title: 'says 127 for a program that only the server has',
        options: () => ['--embedded', root.path],
        command: ['/work/script.sh'],
        status: 127,
        says: () =>
          complaint(
            'cannot run /work/script.sh: no such file here',
            'programs run from this machine: install it here, or name it by its path',
          ),
      },
      {
        title: 'says 126 for a file that is not executable',
        options: () => ['--embedded', root.path],
        command: ['/usr/lib/os-release'],
        status: 126,
        says: () =>
          complaint(
            'cannot run /usr/lib/os-release: it is not an executable file',
            'make it executable: chmod +x /usr/lib/os-release',
          ),
      },
    ];
    for (const { title, options, command = program, status, says } of rows) {
      it(title, () => expectFailure(rscRun(...options(), '--', ...command), status, says()));
    }

    it('refuses a working directory that the server has not', () =>
      expectFailure(
        rscRunAt(root.path, '--cwd', '/nowhere', '--', ...program),
        125,
        complaint(
          'cannot start in /nowhere on the server: chdir returned ENOENT',
          'name a directory that the server has: --cwd DIR',
        ),
      ));

    it('says 126 for a directory', () =>
      expectFailure(
        rscRunAt(root.path, '--', '/usr/bin'),
        126,
        complaint(
          'cannot run /usr/bin: it is not an executable file',
          'make it executable: chmod +x /usr/bin',
        ),
      ));

    it('says 126 for a file that is no program', () => {
      const path = root.fileBeside('no-program', '\x7fELF, but not really', 0o755);
      const stderr = complaint(`cannot run ${path}: Exec format error`);
      return expectFailure(rscRunAt(root.path, '--', path), 126, stderr);
    });
  });

  describe('of a machine that forbids something', () => {
    const refusing = (what: string): string[] => [
      guest('refuse'),
      what,
      ...rscRun('--embedded', root.path, '--', ...program),
    ];

    it('names ptrace where it is refused', () =>
      expectFailure(
        refusing('ptrace'),
        125,
        complaint(
          'cannot trace /usr/bin/sh: ptrace returned EPERM',
          'run rsc where ptrace is allowed: not under another tracer, and in a container with CAP_SYS_PTRACE',
        ),
      ));

    it('names namespaces where they are refused', async () => {
      const { stdout, stderr, status } = await run(refusing('namespaces'));
      expect({ stdout, status }).to.deep.equal({ stdout: '', status: 125 });
      // The path of the embedded server's socket differs from run to run.
      expect(stderr.replace(/unix:\S+socket/, 'SERVER')).to.equal(
        complaint(
          'cannot open a session with SERVER: cannot make mount, IPC and process namespaces: unshare returned EPERM',
          'run the server as root, or allow user namespaces: sysctl user.max_user_namespaces=10000',
        ),
      );
    });
  });
});
