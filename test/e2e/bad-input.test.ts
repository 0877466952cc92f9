import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, constants, openSync, writeFileSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { plainEnv, run, statusOf, type Ending } from './ending';
import { frame, startFakeServer, text, welcome, type FakeServer } from './fake-server';
import { mountPoints } from './local-paths';
import { guest } from './places';
import { makeRoot, type Root } from './root';
import { rscRun } from './rsc';
import { startServer, type Server } from './server';
import { treeOf } from './tree';

/** Would print, and write, if it ever ran to its end. */
const program = ['sh', '-c', 'cd /work && cat notes.txt && echo changed > notes.txt && echo end'];

/** What rsc prints: one line that says what could not be done and why, and where there is a way, one that names it. */
function complaint(line: string, suggestion?: string): string {
  return `rsc: ${line}\n${suggestion === undefined ? '' : `  try: ${suggestion}\n`}`;
}

describe('bad input gives one clear error, and changes nothing', function () {
  this.timeout(60_000);
  let root: Root;
  let server: Server | undefined;
  let fake: FakeServer | undefined;
  let before: Record<string, string>;

  beforeEach(() => {
    root = makeRoot();
    before = tree();
    server = fake = undefined;
  });

  afterEach(async () => {
    await server?.stop();
    await fake?.close();
    root.remove();
  });

  function tree(): Record<string, string> {
    return treeOf(root.path, { without: mountPoints, sinceMs: Infinity });
  }

  function besideRoot(name: string, content: string, mode = 0o600): string {
    const path = join(dirname(root.path), name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }

  async function expectFailure(command: readonly string[], status: number, stderr: string): Promise<void> {
    expect(await run(command)).to.deep.equal({ stdout: '', stderr, status });
    expect(tree()).to.deep.equal(before);
  }

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
            'write tcp://host:port or unix:///path',
          ),
      },
      {
        title: 'refuses to run with no server named',
        options: () => [],
        status: 2,
        says: () =>
          complaint(
            'cannot run without a server: none was named',
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
        title: 'refuses a root that is not there',
        options: () => ['--embedded', '/nowhere'],
        status: 125,
        says: () =>
          complaint('cannot serve /nowhere: no such directory', 'name an existing directory: --root DIR'),
      },
      {
        title: 'refuses a root that is a file',
        options: () => ['--embedded', '/usr/bin/env'],
        status: 125,
        says: () =>
          complaint(
            'cannot serve /usr/bin/env: it is not a directory',
            'name an existing directory: --root DIR',
          ),
      },
      {
        title: 'refuses a working directory that the server has not',
        options: () => ['--embedded', root.path, '--cwd', '/nowhere'],
        status: 125,
        says: () =>
          complaint(
            'cannot start in /nowhere on the server: chdir returned ENOENT',
            'name a directory that the server has: --cwd DIR',
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

    it('says 126 for a directory', () =>
      expectFailure(
        rscRun('--embedded', root.path, '--', '/usr/bin'),
        126,
        complaint(
          'cannot run /usr/bin: it is not an executable file',
          'make it executable: chmod +x /usr/bin',
        ),
      ));

    it('says 126 for a file that is no program', () => {
      const path = besideRoot('no-program', '\x7fELF, but not really', 0o755);
      const stderr = complaint(`cannot run ${path}: Exec format error`);
      return expectFailure(rscRun('--embedded', root.path, '--', path), 126, stderr);
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
      expect(tree()).to.deep.equal(before);
    });
  });

  describe('of a server that is not there', () => {
    const startOne = 'start a server there: rsc serve --listen ADDRESS --root DIR';

    it('names the port where nobody listens', async () => {
      const { url, close } = await startFakeServer();
      await close();
      const stderr = complaint(`cannot connect to ${url}: connect returned ECONNREFUSED`, startOne);
      await expectFailure(rscRun('--server', url, '--', ...program), 125, stderr);
    });

    it('names the socket that does not exist', () =>
      expectFailure(
        rscRun('--server', 'unix:///nowhere/socket', '--', ...program),
        125,
        complaint('cannot connect to unix:///nowhere/socket: connect returned ENOENT', startOne),
      ));

    it('names the host that has no address', () =>
      expectFailure(
        rscRun('--server', 'tcp://host.invalid:7070', '--', ...program),
        125,
        complaint(
          'cannot connect to tcp://host.invalid:7070: the name host.invalid has no address',
          'check the name',
        ),
      ));
  });

  describe('of a server with a token', () => {
    let url: string;
    let tokenFile: string;

    beforeEach(async () => {
      tokenFile = besideRoot('token', 'open sesame\n');
      server = await startServer(root.path, { options: ['--token-file', tokenFile] });
      url = server.url;
    });

    const giveOne = 'give the token of that server: --token-file FILE';

    it('lets in who has it', async () => {
      const ending = await run(rscRun('--server', url, '--token-file', tokenFile, '--', 'cat', '/work/one'));
      expect(ending).to.deep.equal({ stdout: 'one file, two names\n', stderr: '', status: 0 });
    });

    it('refuses who has none', () =>
      expectFailure(
        rscRun('--server', url, '--', ...program),
        125,
        complaint(
          `cannot open a session with ${url}: the server asks for a token, and the client gave none`,
          giveOne,
        ),
      ));

    it('refuses who has another', () =>
      expectFailure(
        rscRun('--server', url, '--token-file', besideRoot('wrong', 'open barley\n'), '--', ...program),
        125,
        complaint(`cannot open a session with ${url}: the client's token is not the server's`, giveOne),
      ));

    it('names a token file that cannot be read', () =>
      expectFailure(
        rscRun('--server', url, '--token-file', '/nowhere/token', '--', ...program),
        125,
        complaint(
          'cannot read a token from /nowhere/token: ENOENT',
          'name a file with the token in its first line',
        ),
      ));
  });

  describe('of a peer that does not speak the protocol', () => {
    const halfFrame = Buffer.from('00000040820a', 'hex');
    const hugeFrame = Buffer.from('ffffffff82', 'hex');
    const garbage = Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    const noCbor = frame(Buffer.from('ffffffff', 'hex'));
    const unknownFrame = frame(Buffer.from('811863', 'hex')); // [99]
    const refusal = frame(Buffer.from('8309', 'hex'), text('RSC_SERVER_FULL'), text('come back later'));
    const hello = welcome(1, 'x86_64');
    const end = Buffer.alloc(0);

    const sameVersion = 'use the same version of rsc on both sides';
    const noFrame =
      'the peer does not speak the rsc protocol: expected a frame of 1 to 1114112 bytes, received one of';
    const noWelcome = 'the peer does not speak the rsc protocol: expected welcome or failure, received';
    const closed = (url: string): string =>
      complaint(`lost the connection to ${url}: it closed the connection`);

    const rows: { title: string; answers: Buffer[]; says: (url: string) => string }[] = [
      {
        title: 'another version',
        answers: [welcome(2, 'x86_64')],
        says: (url) =>
          complaint(
            `cannot open a session with ${url}: it speaks protocol version 2, and rsc here 1`,
            'install the same version of rsc on both sides',
          ),
      },
      {
        title: 'another architecture',
        answers: [welcome(1, 'aarch64')],
        says: (url) =>
          complaint(`cannot open a session with ${url}: it runs on aarch64, and rsc here on x86_64`),
      },
      {
        title: 'a refusal in its own words',
        answers: [refusal],
        says: (url) => complaint(`cannot open a session with ${url}: come back later`),
      },
      { title: 'the end at once', answers: [end], says: closed },
      { title: 'garbage', answers: [garbage], says: () => complaint(`${noFrame} 1213486160 bytes`) },
      { title: 'a huge frame', answers: [hugeFrame], says: () => complaint(`${noFrame} 4294967295 bytes`) },
      { title: 'half a frame', answers: [halfFrame], says: closed },
      {
        title: 'no CBOR',
        answers: [noCbor],
        says: () => complaint(`${noWelcome} a float or an unassigned simple value at byte 0`),
      },
      {
        title: 'an unknown frame',
        answers: [unknownFrame],
        says: () => complaint(`${noWelcome} a frame of type 99`),
      },
      { title: 'the end in place of a reply', answers: [hello, end], says: closed },
      {
        title: 'garbage in place of a reply',
        answers: [hello, garbage],
        says: () => complaint(`${noFrame} 1213486160 bytes`),
      },
      {
        title: 'a huge frame in place of a reply',
        answers: [hello, hugeFrame],
        says: () => complaint(`${noFrame} 4294967295 bytes`),
      },
      { title: 'half a reply', answers: [hello, halfFrame], says: closed },
      {
        title: 'no CBOR in place of a reply',
        answers: [hello, noCbor],
        says: () => complaint('the server sent bytes that are not CBOR', sameVersion),
      },
      {
        title: 'an unknown frame in place of a reply',
        answers: [hello, unknownFrame],
        says: () => complaint('the server sent a frame of type 99 in place of a reply', sameVersion),
      },
    ];
    for (const { title, answers, says } of rows) {
      it(`ends at ${title}`, async () => {
        fake = await startFakeServer(...answers);
        await expectFailure(rscRun('--server', fake.url, '--', ...program), 125, says(fake.url));
      });
    }

    for (const { title, bytes } of [
      { title: 'garbage', bytes: garbage },
      { title: 'a huge frame', bytes: hugeFrame },
      { title: 'half a frame', bytes: halfFrame },
      { title: 'no CBOR', bytes: noCbor },
      { title: 'an unknown frame', bytes: unknownFrame },
      { title: 'nothing', bytes: end },
    ]) {
      it(`a server that is sent ${title} closes the connection, and serves the next`, async () => {
        server = await startServer(root.path);
        const socket = connect(server.port, '127.0.0.1');
        socket.on('error', () => undefined).resume();
        socket.end(bytes);
        await once(socket, 'close');
        const ending = await run(rscRun('--server', server.url, '--', 'cat', '/work/one'));
        expect(ending).to.deep.equal({ stdout: 'one file, two names\n', stderr: '', status: 0 });
      });
    }
  });

  describe('of a server that goes away in mid-call', () => {
    interface Loss extends Ending {
      /** The process whose calls went to the server. */
      readonly pid: number;
      readonly url: string;
    }

    /** Runs a script that prints its pid; once it has printed `cue`, the server is killed. */
    async function loseServerAt(cue: string, script: string): Promise<Loss> {
      const { url, kill } = await startServer(root.path);
      const [node = '', ...args] = rscRun('--server', url, '--', 'sh', '-c', `echo $$; cd /work; ${script}`);
      const child = spawn(node, args, { env: plainEnv, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
      const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
      let stdout = '';
      let stderr = '';
      child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (bytes: Buffer) => {
          stdout += bytes.toString();
          if (stdout.includes(cue)) resolve();
        });
        void ended.then(() => resolve());
      });
      await kill();
      const status = statusOf(...(await ended));
      return { stdout: stdout.replace(/^\d+\n/, ''), stderr, status, pid: Number.parseInt(stdout), url };
    }

    function isRunning(pid: number): boolean {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    }

    /** What rsc says of the loss; whether the kernel tells of an end or of a reset is a matter of chance. */
    function lossOf({ stderr, url }: Loss): string | undefined {
      const line = `rsc: lost the connection to ${url}: (?:it closed the connection|ECONNRESET)`;
      const suggestion =
        'the program was ended, because its calls have no answer; run it again when the server is back';
      return new RegExp(`^${line}(.*)\n  try: ${suggestion}\n$`).exec(stderr)?.[1];
    }

    it('ends a program that waits in a read', async () => {
      const fifo = openSync(join(root.path, 'work/fifo'), constants.O_RDWR);
      writeSync(fifo, 'first\n');
      const loss = await loseServerAt('first\n', 'exec cat fifo');
      closeSync(fifo);
      expect([loss.stdout, loss.status]).to.deep.equal(['first\n', 125]);
      // It may not have come to its second read.
      expect(lossOf(loss), loss.stderr).to.match(new RegExp(`^(, in read of process ${loss.pid})?$`));
      expect(isRunning(loss.pid)).to.equal(false);
    });

    it('gives no wrong answer to a program that asks again and again', async () => {
      const loss = await loseServerAt(
        'begun\n',
        'echo begun; while test -e notes.txt; do :; done; echo WRONG',
      );
      expect([loss.stdout, loss.status]).to.deep.equal(['begun\n', 125]);
      expect(lossOf(loss), loss.stderr).to.match(new RegExp(`^(, in \\w+ of process ${loss.pid})?$`));
      expect(isRunning(loss.pid)).to.equal(false);
    });

    it('ends a program that makes no calls', async () => {
      const loss = await loseServerAt('begun\n', 'echo begun; while :; do :; done');
      expect([loss.stdout, loss.status]).to.deep.equal(['begun\n', 125]);
      expect(lossOf(loss), loss.stderr).to.equal('');
      expect(isRunning(loss.pid)).to.equal(false);
    });
  });
});
