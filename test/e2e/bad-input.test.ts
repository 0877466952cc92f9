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

  async function expectFailure(
    command: readonly string[],
    status: number,
    message: string | RegExp,
  ): Promise<void> {
    const ending = await run(command);
    const { stdout, stderr } = ending;
    if (typeof message === 'string')
      expect(ending).to.deep.equal({ stdout: '', stderr: `${message}\n`, status });
    else {
      expect({ stdout, status: ending.status }, stderr).to.deep.equal({ stdout: '', status });
      expect(stderr).to.match(message);
    }
    expect(tree()).to.deep.equal(before);
  }

  describe('on the command line', () => {
    it('refuses an unknown syscall, and names the nearest', () =>
      expectFailure(
        rscRun('--embedded', root.path, '--syscalls', 'opnat', '--', ...program),
        2,
        /^rsc: .*opnat.*\bopenat\b/s,
      ));
    it('refuses an unknown set, and names the nearest', () =>
      expectFailure(
        rscRun('--embedded', root.path, '--syscalls', 'file,dsc', '--', ...program),
        2,
        /^rsc: .*dsc.*\bdesc\b/s,
      ));
    it('refuses an address of no known kind', () =>
      expectFailure(
        rscRun('--server', 'carrier-pigeon://loft', '--', ...program),
        2,
        /^rsc: .*carrier-pigeon/,
      ));
    it('refuses to run with no server named', () =>
      expectFailure(rscRun('--', ...program), 2, /^rsc: .*--server/s));
    it('refuses to run nothing', () => expectFailure(rscRun('--embedded', root.path), 2, /^rsc: /));
    it('refuses an unknown option', () =>
      expectFailure(rscRun('--embeded', root.path, '--', ...program), 2, /^rsc: .*--embeded/s));
    it('refuses a root that is not there', () =>
      expectFailure(rscRun('--embedded', `${root.path}/nowhere`, '--', ...program), 125, /^rsc: .*nowhere/));
    it('refuses a root that is a file', () =>
      expectFailure(
        rscRun('--embedded', `${root.path}/work/notes.txt`, '--', ...program),
        125,
        /^rsc: .*notes\.txt/,
      ));
    it('refuses a working directory that the server has not', () =>
      expectFailure(
        rscRun('--embedded', root.path, '--cwd', '/nowhere', '--', ...program),
        125,
        /^rsc: .*\/nowhere/,
      ));
    it('says 127 for a program that is not found', () =>
      expectFailure(
        rscRun('--embedded', root.path, '--', 'no-such-program'),
        127,
        /^rsc: .*no-such-program/,
      ));
    it('says 127 for a path that is not found', () =>
      expectFailure(
        rscRun('--embedded', root.path, '--', '/usr/bin/no-such-program'),
        127,
        /^rsc: .*no-such-program/,
      ));
    it('says 126 for a file that is not executable', () => {
      const path = besideRoot('not-executable', 'text');
      return expectFailure(rscRun('--embedded', root.path, '--', path), 126, /^rsc: .*not-executable/);
    });
    it('says 126 for a directory', () =>
      expectFailure(rscRun('--embedded', root.path, '--', '/usr/bin'), 126, /^rsc: .*\/usr\/bin/));
    it('says 126 for a file that is no program', () => {
      const path = besideRoot('no-program', '\x7fELF, but not really', 0o755);
      return expectFailure(rscRun('--embedded', root.path, '--', path), 126, /^rsc: .*no-program/);
    });
  });

  describe('of a machine that forbids something', () => {
    it('names ptrace where it is refused', () =>
      expectFailure(
        [guest('refuse'), 'ptrace', ...rscRun('--embedded', root.path, '--', ...program)],
        125,
        /^rsc: .*ptrace/,
      ));
    it('names namespaces where they are refused', () =>
      expectFailure(
        [guest('refuse'), 'namespaces', ...rscRun('--embedded', root.path, '--', ...program)],
        125,
        /^rsc: .*namespace/,
      ));
  });

  describe('of a server that is not there', () => {
    it('names the port where nobody listens', async () => {
      const gone = await startFakeServer();
      await gone.close();
      await expectFailure(
        rscRun('--server', gone.url, '--', ...program),
        125,
        new RegExp(`^rsc: .*${gone.url}.*ECONNREFUSED`),
      );
    });
    it('names the socket that does not exist', () =>
      expectFailure(
        rscRun('--server', 'unix:///nowhere/socket', '--', ...program),
        125,
        /^rsc: .*unix:\/\/\/nowhere\/socket.*ENOENT/,
      ));
    it('names the host that has no address', () =>
      expectFailure(
        rscRun('--server', 'tcp://host.invalid:7070', '--', ...program),
        125,
        /^rsc: .*host\.invalid/,
      ));
  });

  describe('of a server with a token', () => {
    let tokenFile: string;

    beforeEach(async () => {
      tokenFile = besideRoot('token', 'open sesame\n');
      server = await startServer(root.path, { options: ['--token-file', tokenFile] });
    });

    const client = (...options: string[]): string[] =>
      rscRun('--server', server?.url ?? '', ...options, '--', ...program);

    it('lets in who has it', async () => {
      const { stdout, status } = await run(client('--token-file', tokenFile));
      expect({ stdout, status }).to.deep.equal({
        stdout: 'a note that only the server has\nsecond line\nlast line without an endend\n',
        status: 0,
      });
    });
    it('refuses who has none', () => expectFailure(client(), 125, /^rsc: .*token/));
    it('refuses who has another', () =>
      expectFailure(client('--token-file', besideRoot('wrong', 'open barley\n')), 125, /^rsc: .*token/));
    it('names a token file that cannot be read', () =>
      expectFailure(client('--token-file', '/nowhere/token'), 125, /^rsc: .*\/nowhere\/token/));
  });

  describe('of a peer that does not speak the protocol', () => {
    const halfFrame = Buffer.from('00000040820a', 'hex');
    const hugeFrame = Buffer.from('ffffffff82', 'hex');
    const garbage = Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    const noCbor = frame(Buffer.from('ffffffff', 'hex'));
    const unknownFrame = frame(Buffer.from('811863', 'hex')); // [99]
    const replyToNobody = frame(Buffer.from('8302190fff00', 'hex')); // [2, 4095, 0]
    const hello = welcome(1, 'x86_64');

    const rows: { title: string; answers: Buffer[]; message: RegExp }[] = [
      { title: 'another version', answers: [welcome(2, 'x86_64')], message: /^rsc: .*version.*2/ },
      { title: 'another architecture', answers: [welcome(1, 'aarch64')], message: /^rsc: .*aarch64/ },
      {
        title: 'a refusal in its own words',
        answers: [frame(Buffer.from('8309', 'hex'), text('RSC_SERVER_FULL'), text('come back later'))],
        message: /^rsc: .*come back later/,
      },
      { title: 'the end at once', answers: [Buffer.alloc(0)], message: /^rsc: / },
      { title: 'garbage', answers: [garbage], message: /^rsc: / },
      { title: 'a huge frame', answers: [hugeFrame], message: /^rsc: / },
      { title: 'half a frame', answers: [halfFrame], message: /^rsc: / },
      { title: 'no CBOR', answers: [noCbor], message: /^rsc: / },
      { title: 'an unknown frame', answers: [unknownFrame], message: /^rsc: / },
      { title: 'the end in place of a reply', answers: [hello, Buffer.alloc(0)], message: /^rsc: / },
      { title: 'garbage in place of a reply', answers: [hello, garbage], message: /^rsc: / },
      { title: 'a huge frame in place of a reply', answers: [hello, hugeFrame], message: /^rsc: / },
      { title: 'half a reply', answers: [hello, halfFrame], message: /^rsc: / },
      { title: 'no CBOR in place of a reply', answers: [hello, noCbor], message: /^rsc: / },
      { title: 'an unknown frame in place of a reply', answers: [hello, unknownFrame], message: /^rsc: / },
      { title: 'a reply to a call that was not made', answers: [hello, replyToNobody], message: /^rsc: / },
    ];
    for (const { title, answers, message } of rows) {
      it(`ends at ${title}`, async () => {
        fake = await startFakeServer(...answers);
        await expectFailure(rscRun('--server', fake.url, '--', ...program), 125, message);
      });
    }

    for (const { title, bytes } of [
      { title: 'garbage', bytes: garbage },
      { title: 'a huge frame', bytes: hugeFrame },
      { title: 'half a frame', bytes: halfFrame },
      { title: 'no CBOR', bytes: noCbor },
      { title: 'an unknown frame', bytes: unknownFrame },
      { title: 'nothing', bytes: Buffer.alloc(0) },
    ]) {
      it(`a server that is sent ${title} closes the connection, and serves the next`, async () => {
        server = await startServer(root.path);
        const socket = connect(server.port, '127.0.0.1');
        socket.on('error', () => undefined).resume();
        socket.end(bytes);
        await once(socket, 'close');
        const { stdout, stderr, status } = await run(
          rscRun('--server', server.url, '--', 'cat', '/work/one'),
        );
        expect({ stdout, stderr, status }).to.deep.equal({
          stdout: 'one file, two names\n',
          stderr: '',
          status: 0,
        });
      });
    }
  });

  describe('of a server that goes away in mid-call', () => {
    /** Runs a script that prints its pid; once it has printed `cue`, the server is killed. */
    async function killServerAt(cue: string, script: string): Promise<Ending & { pid: number }> {
      const killed = await startServer(root.path);
      const [node = '', ...args] = rscRun(
        '--server',
        killed.url,
        '--',
        'sh',
        '-c',
        `echo $$; cd /work; ${script}`,
      );
      const child = spawn(node, args, { env: plainEnv, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      const reached = new Promise<void>((resolve) =>
        child.stdout.on('data', (text: Buffer) => {
          stdout += text.toString();
          if (stdout.includes(cue)) resolve();
        }),
      );
      child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
      const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
      await Promise.race([reached, ended]);
      await killed.kill();
      const status = statusOf(...(await ended));
      return { stdout: stdout.replace(/^\d+\n/, ''), stderr, status, pid: Number.parseInt(stdout) };
    }

    function isRunning(pid: number): boolean {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    }

    it('ends a program that waits in a read', async () => {
      const fifo = openSync(join(root.path, 'work/fifo'), constants.O_RDWR);
      writeSync(fifo, 'first\n');
      const { pid, ...ending } = await killServerAt('first\n', 'cat fifo; echo WRONG');
      closeSync(fifo);
      expect({ ...ending, stderr: '' }).to.deep.equal({ stdout: 'first\n', stderr: '', status: 125 });
      expect(ending.stderr).to.match(/^rsc: [^\n]*\n$/);
      expect(isRunning(pid)).to.equal(false);
    });

    it('ends a program that makes one call after the other, and gives it no wrong answer', async () => {
      const { pid, ...ending } = await killServerAt(
        'begun\n',
        'echo begun; while test -e notes.txt; do :; done; echo WRONG',
      );
      expect({ ...ending, stderr: '' }).to.deep.equal({ stdout: 'begun\n', stderr: '', status: 125 });
      expect(ending.stderr).to.match(/^rsc: [^\n]*\n$/);
      expect(isRunning(pid)).to.equal(false);
    });

    it('ends a program that makes no calls at all', async () => {
      const { pid, ...ending } = await killServerAt('begun\n', 'echo begun; while :; do :; done');
      expect({ ...ending, stderr: '' }).to.deep.equal({ stdout: 'begun\n', stderr: '', status: 125 });
      expect(ending.stderr).to.match(/^rsc: [^\n]*\n$/);
      expect(isRunning(pid)).to.equal(false);
    });
  });
});
