import { expect } from 'chai';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { nativeCommand } from './native';
import { makeRoot, type Root } from './root';
import { embeddedCommand } from './rsc';
import { Terminal } from './terminal';

const places = [
  { place: 'natively', commandIn: nativeCommand },
  { place: 'under rsc', commandIn: embeddedCommand },
];

for (const { place, commandIn } of places) {
  describe(`programs that fill a terminal, ${place}`, function () {
    this.timeout(60_000);
    let root: Root;
    let terminal: Terminal;

    beforeEach(() => (root = makeRoot()));

    afterEach(async () => {
      await terminal.close();
      root.remove();
    });

    function open(...command: string[]): Terminal {
      return (terminal = new Terminal(commandIn(root.path, command), { TERM: 'xterm' }));
    }

    it('less shows a remote file, goes to its end, searches', async () => {
      const pager = open('less', 'numbers.txt');
      await pager.until('line number 22');
      pager.type('G');
      await pager.until('line number 999');
      pager.type('?number 5.0$\n');
      await pager.until('number 590');
      pager.type('q');
      expect(await pager.end()).to.equal(0);
    });

    it('less follows a remote file that grows, until Ctrl-C', async () => {
      const pager = open('less', '+F', 'numbers.txt');
      await pager.until('Waiting for data');
      appendFileSync(join(root.path, 'work/numbers.txt'), 'one more line\n');
      await pager.until('one more line');
      pager.type('\x03');
      await pager.until('(END)');
      pager.type('g');
      await pager.until('line number 0');
      pager.type('q');
      expect(await pager.end()).to.equal(0);
    });

    it('tmux has its server and its clients on a socket, and a shell in a window', async () => {
      const folder = mkdtempSync('/dev/shm/rsc-e2e-');
      try {
        const tmux = ['tmux', '-S', join(folder, 'socket'), '-f', '/dev/null'];
        const session = open(...tmux, 'new-session', '-s', 'voyage', 'sh');
        await session.until('[voyage]');
        session.type('cat notes.txt\n');
        await session.until('a note that only the server has');
        session.type(`${tmux.join(' ')} list-sessions\n`);
        await session.until('voyage: 1 windows');
        session.type(`${tmux.join(' ')} split-window -d 'cat fifo; read line'\n`);
        session.type('echo "through"" a FIFO" > fifo\n');
        await session.until('through a FIFO');
        session.type(`${tmux.join(' ')} kill-server\n`);
        await session.until('[server exited]');
        await session.end();
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
}
