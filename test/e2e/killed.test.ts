import { expect } from 'chai';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { plainEnv } from './ending';
import { guest } from './places';
import { makeRoot, type Root } from './root';
import { embeddedCommand, rscIn } from './rsc';

const ROUNDS = 20;
/** How many answers a program gets before the next round ends it: another moment each time. */
const spins = (round: number): number => round * 37;

for (const engine of ['auto', 'seccomp']) {
  describe(`rsc that is killed, with the engine ${engine}`, function () {
    this.timeout(60_000);
    let root: Root;

    beforeEach(() => (root = makeRoot()));
    afterEach(() => root.remove());

    /** Listens for datagrams, which are printed, one a line. */
    function listen(path: string): ChildProcess {
      const program = [
        'import socket, sys',
        's = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)',
        's.bind(sys.argv[1])',
        'print("listening", flush=True)',
        'while True: print(s.recv(64), flush=True)',
      ];
      return execFile('/usr/bin/python3', ['-c', program.join('\n'), path]);
    }

    async function killAfter(turns: number, socket: string): Promise<void> {
      const [node = '', ...args] = embeddedCommand(
        root.path,
        [guest('killed'), socket],
        ['--engine', engine],
      );
      const child = spawn(node, args, { env: plainEnv, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
      const closed = once(child, 'close');
      await once(child.stdout, 'data');
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      process.kill(rscIn(child.pid ?? 0), 'SIGKILL');
      // The program holds the pipe too, so this is its end as well.
      await closed;
    }

    it('takes its program with it, which gets no wrong answer', async () => {
      const socket = join(root.path, 'tmp/told');
      const listener = listen(socket);
      let told = '';
      listener.stdout?.on('data', (text: string) => (told += text));
      if (listener.stdout) await once(listener.stdout, 'data');
      for (let round = 0; round < ROUNDS; round++) await killAfter(spins(round), socket);
      listener.kill();
      await once(listener, 'close');
      expect(told).to.equal('listening\n');
    });
  });
}
