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
});
