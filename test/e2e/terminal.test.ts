import { expect } from 'chai';
import { openSync, closeSync, writeSync, constants } from 'node:fs';
import { join } from 'node:path';
import { run } from './ending';
import { needsOf, worksHere } from './engines';
import { nativeCommand } from './native';
import { makeRoot, type Root } from './root';
import { embeddedCommand } from './rsc';
import { Terminal } from './terminal';

interface Place {
  readonly place: string;
  readonly commandIn: (root: string, command: readonly string[]) => string[];
  /** The engine that it takes, where it is not the one of `auto`. */
  readonly engine?: string;
}

const places: readonly Place[] = [
  { place: 'natively', commandIn: nativeCommand },
  { place: 'under rsc', commandIn: embeddedCommand },
  ...['ptrace', 'hybrid', 'ebpf'].map((engine) => ({
    place: `under rsc with the engine ${engine}`,
    commandIn: (root: string, command: readonly string[]) =>
      embeddedCommand(root, command, ['--engine', engine]),
    engine,
  })),
];

for (const { place, commandIn, engine = 'auto' } of places) {
  const needs = engine === 'hybrid' || engine === 'ebpf' ? ` (what it needs: ${needsOf[engine]})` : '';

  describe(`a program in a terminal, ${place}${needs}`, function () {
    this.timeout(60_000);
    let root: Root;
    let terminal: Terminal;

    before(function () {
      if (!worksHere(engine, process.getuid?.())) this.skip();
    });
    beforeEach(() => (root = makeRoot()));

    afterEach(async () => {
      await terminal.close();
      root.remove();
    });

    function open(...command: string[]): Terminal {
      return (terminal = new Terminal(commandIn(root.path, command)));
    }

    async function openShell(): Promise<Terminal> {
      await open('bash', '--norc', '--noprofile', '-i').until('ready> ');
      return terminal;
    }

    /** Puts text in the FIFO of the server, with a writer left: readers get the text, and then wait. */
    function fillFifo(text: string): number {
      const fd = openSync(join(root.path, 'work/fifo'), constants.O_RDWR);
      writeSync(fd, text);
      return fd;
    }

    it('is a usable shell: prompts, output, remote files, exit status', async () => {
      const shell = await openShell();
      shell.type('cat notes.txt | wc -l\n');
      expect(await shell.until('ready> ')).to.equal('cat notes.txt | wc -l\r\n2\r\n');
      shell.type('cd library && pwd\n');
      expect(await shell.until('ready> ')).to.equal('cd library && pwd\r\n/work/library\r\n');
      shell.type('test -t 0 && test -t 1 && stty size >/dev/null && echo "term""inal"\n');
      expect(await shell.until('ready> ')).to.include('\r\nterminal\r\n');
      shell.type('exit 42\n');
      expect(await shell.end()).to.equal(42);
    });

    it('is controlled as a job: stopped, continued, in background and foreground', async () => {
      const shell = await openShell();
      const fifo = fillFifo('first\n');
      shell.type('cat fifo\n');
      await shell.until('first\r\n');
      shell.type('\x1a');
      expect(await shell.until('ready> ')).to.match(/\[1\]\+ +Stopped +cat fifo\r\n$/);
      writeSync(fifo, 'while it was stopped\n');
      shell.type('bg\n');
      await shell.until('while it was stopped\r\n');
      shell.type('jobs\n');
      expect(await shell.until('cat fifo &\r\n')).to.match(/\[1\]\+ +Running +$/);
      shell.type('fg\n');
      await shell.until('cat fifo\r\n');
      closeSync(fifo);
      await shell.until('ready> ');
      shell.type('exit\n');
      expect(await shell.end()).to.equal(0);
    });

    it('is ended by Ctrl-C when it waits in a remote read', async () => {
      const fifo = fillFifo('waiting\n');
      open('cat', 'fifo');
      await terminal.until('waiting\r\n');
      terminal.type('\x03');
      expect(await terminal.end()).to.equal(130);
      closeSync(fifo);
    });

    it('is ended by Ctrl-C when it waits in a remote open, and the shell goes on', async () => {
      const shell = await openShell();
      shell.type(`sh -c 'echo "be""gun"; exec cat fifo'\n`);
      await shell.until('begun\r\n');
      shell.type('\x03');
      await shell.until('ready> ');
      shell.type('echo "status"" $?"\n');
      await shell.until('status 130');
    });

    it('leaves the terminal as it was', async () => {
      const command = commandIn(root.path, ['cat', 'notes.txt']);
      const script = 'before=$(stty -a); "$@"; test "$before" = "$(stty -a)" && echo "un""changed"';
      terminal = new Terminal(['sh', '-c', script, 'sh', ...command]);
      await terminal.until('unchanged');
    });
  });

  describe(`exit status and signals, ${place}${needs}`, function () {
    this.timeout(60_000);
    let root: Root;

    before(function () {
      if (!worksHere(engine, process.getuid?.())) this.skip();
    });
    beforeEach(() => (root = makeRoot()));
    afterEach(() => root.remove());

    const rows: { title: string; command: string[]; stdout?: string; status: number }[] = [
      { title: 'exit status 0', command: ['true'], status: 0 },
      { title: 'exit status 77', command: ['sh', '-c', 'exit 77'], status: 77 },
      { title: 'exit status 255', command: ['sh', '-c', 'exit 255'], status: 255 },
      { title: 'death by SIGTERM', command: ['sh', '-c', 'kill -TERM $$'], status: 143 },
      { title: 'death by SIGKILL', command: ['sh', '-c', 'kill -KILL $$'], status: 137 },
      {
        title: 'a time-out that ends a remote read',
        command: ['timeout', '0.2', 'cat', 'fifo'],
        status: 124,
      },
      {
        title: 'a trap that runs when a remote read is interrupted',
        command: [
          'bash',
          '-c',
          // Again and again: the first signal may come before the read does.
          'trap "echo trapped; exit 5" USR1; exec 3<>fifo; ' +
            '(while kill -USR1 $$ 2>/dev/null; do sleep 0.1; done) & read -r line <&3',
        ],
        stdout: 'trapped\n',
        status: 5,
      },
    ];
    it('ends without a word when timeout(1) ends it and its program', async () => {
      for (let round = 0; round < 3; round++) {
        const ending = await run(['timeout', '0.7', ...commandIn(root.path, ['cat', 'fifo'])]);
        expect(ending).to.deep.equal({ stdout: '', stderr: '', status: 124 });
      }
    });

    for (const { title, command, stdout = '', status } of rows) {
      it(`passes through: ${title}`, async () => {
        const ending = await run(commandIn(root.path, command));
        expect(ending).to.deep.equal({ stdout, stderr: '', status });
      });
    }
  });
}
