import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { plainEnv, statusOf, type Ending } from './ending';
import { makeRoot, type Root } from './root';
import { rscRun } from './rsc';
import { startServer } from './server';

describe('a server that goes away in mid-call', function () {
  this.timeout(60_000);
  let root: Root;

  beforeEach(() => (root = makeRoot()));
  afterEach(() => root.remove());

  interface Loss extends Ending {
    /** The process whose calls went to the server. */
    readonly pid: number;
    readonly url: string;
  }

  /** Runs a script that prints its pid; once it has printed `cue`, the server is killed; at a warning, `warned` is called. */
  async function loseServerAt(
    cue: string,
    script: string,
    flags: readonly string[] = [],
    warned: (pid: number) => void = () => undefined,
  ): Promise<Loss> {
    const { url, kill } = await startServer(root.path);
    const command = ['sh', '-c', `echo $$; cd /work; ${script}`];
    const [node = '', ...args] = rscRun('--server', url, ...flags, '--', ...command);
    const child = spawn(node, args, { env: plainEnv, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    let stdout = '';
    let stderr = '';
    child.stderr.on('data', (bytes: Buffer) => {
      stderr += bytes.toString();
      if (stderr.includes('warning')) warned(Number.parseInt(stdout));
    });
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (bytes: Buffer) => {
        stdout += bytes.toString();
        if (stdout.includes(cue)) resolve();
      });
      void ended.then(() => resolve());
    });
    const deadline = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await kill();
    const status = statusOf(...(await ended));
    clearTimeout(deadline);
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
    const loss = await loseServerAt('begun\n', 'echo begun; while test -e notes.txt; do :; done; echo WRONG');
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

  /** What the operator is told who goes on without the server, and then what the program says. */
  function warningOf({ stderr, url }: Loss, follows: string): string | undefined {
    const loss = `lost the connection to ${url}: (?:it closed the connection|ECONNRESET)`;
    return new RegExp(`^rsc: warning: ${loss}; ${follows}\n([^]*)$`).exec(stderr)?.[1];
  }

  const answersErrors = 'remote calls answer EIO from now on';

  it('answers EIO to calls that it has, where that is asked for, and the program goes on', async () => {
    const fifo = openSync(join(root.path, 'work/fifo'), constants.O_RDWR);
    writeSync(fifo, 'first\n');
    const loss = await loseServerAt('first\n', 'cat fifo; echo "status $?"', ['--on-disconnect', 'eio']);
    closeSync(fifo);
    expect([loss.stdout, loss.status]).to.deep.equal(['first\nstatus 1\n', 0]);
    expect(warningOf(loss, answersErrors)).to.match(/^cat: fifo: Input\/output error\n/);
  });

  it('answers EIO to all later calls, from all processes', async () => {
    const script = 'echo begun; while test -e notes.txt; do :; done; cat notes.txt; (cat /work/one); exit 7';
    const loss = await loseServerAt('begun\n', script, ['--on-disconnect', 'eio']);
    expect([loss.stdout, loss.status]).to.deep.equal(['begun\n', 7]);
    expect(warningOf(loss, answersErrors)).to.equal(
      'cat: notes.txt: Input/output error\ncat: /work/one: Input/output error\n',
    );
  });

  it('lets calls wait where that is asked for, until a signal ends the program', async () => {
    const fifo = openSync(join(root.path, 'work/fifo'), constants.O_RDWR);
    writeSync(fifo, 'first\n');
    const interrupt = (pid: number): void => void process.kill(pid, 'SIGINT');
    const loss = await loseServerAt('first\n', 'exec cat fifo', ['--on-disconnect', 'wait'], interrupt);
    closeSync(fifo);
    expect([loss.stdout, loss.status]).to.deep.equal(['first\n', 130]);
    expect(
      warningOf(
        loss,
        'remote calls wait, and nobody will answer them: end the program, and run it again when the server is back',
      ),
    ).to.equal('');
  });
});
