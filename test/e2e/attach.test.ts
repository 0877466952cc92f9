import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { statusField, TwoSides } from './attaching';
import { goCure, goGuest, hasGo } from './go';
import { startServer } from './server';

/** Reads lines, and says for each one what `where` holds. */
const answering = 'for _ in sys.stdin: print(open(where).read().strip())';

const targets: readonly { title: string; command: (folder: string) => readonly string[] }[] = [
  {
    title: 'a shell loop',
    command: (folder) => [
      '/bin/bash',
      '-c',
      `while read -r _; do read -r word < ${folder}/where; echo "$word"; done`,
    ],
  },
  {
    title: 'a shell loop whose children read',
    command: (folder) => ['/bin/bash', '-c', `while read -r _; do cat ${folder}/where | cat; done`],
  },
  {
    title: 'python with 4 threads',
    command: (folder) => [
      '/usr/bin/python3',
      '-u',
      '-c',
      [
        'import sys, threading, queue',
        'asked, told = [queue.Queue() for _ in range(4)], queue.Queue()',
        'def serve(mine):',
        `  while mine.get(): told.put(open("${folder}/where").read().strip())`,
        'for mine in asked: threading.Thread(target=serve, args=[mine], daemon=True).start()',
        'for _ in sys.stdin:',
        '  for mine in asked: mine.put(True)',
        '  words = {told.get() for _ in asked}',
        '  print(*words)',
      ].join('\n'),
    ],
  },
  {
    title: 'node',
    command: (folder) => [
      process.execPath,
      '-e',
      `require('node:readline').createInterface({ input: process.stdin }).on('line', () =>
         require('node:fs').readFile('${folder}/where', 'utf8', (error, text) => console.log(error?.code ?? text.trim())))`,
    ],
  },
];

describe('rsc attach', function () {
  this.timeout(60_000);
  let sides: TwoSides;

  beforeEach(() => (sides = new TwoSides()));
  afterEach(() => sides.clear());

  async function expectMoves(...command: readonly string[]): Promise<void> {
    const target = sides.start(...command);
    expect(await target.answer('?')).to.equal('here');
    for (let round = 0; round < 2; round++) {
      const rsc = await sides.attach(target.pid);
      expect(await target.answer('?')).to.equal('there');
      expect(await target.answer('?')).to.equal('there');
      await sides.detach(rsc);
      expect(await target.answer('?')).to.equal('here');
    }
    expect(statusField(target.pid, 'TracerPid')).to.equal('0');
  }

  for (const { title, command } of targets) {
    it(`moves the file calls of ${title} to the server, and back when it lets go`, () =>
      expectMoves(...command(sides.folder)));
  }

  const goTitle = 'moves the file calls of a static program in Go';
  if (hasGo) it(goTitle, () => expectMoves(goGuest('go-answers'), `${sides.folder}/where`));
  else it(`${goTitle} - ${goCure}`);

  it('leaves what is open already where it is: tail -f goes on', async () => {
    const log = join(sides.folder, 'log');
    writeFileSync(log, 'first\n');
    const target = sides.start('/usr/bin/tail', '-f', log);
    await target.hears('first');
    const rsc = await sides.attach(target.pid);
    writeFileSync(log, 'second\n', { flag: 'a' });
    await target.hears('second');
    await sides.detach(rsc);
    writeFileSync(log, 'third\n', { flag: 'a' });
    await target.hears('third');
  });

  it('leaves local snapshots at the same numbers, offsets and flags', async () => {
    writeFileSync(sides.there('book'), 'one two three four');
    const target = sides.python(
      'import fcntl',
      'sys.stdin.readline()',
      'book = os.open(folder + "/book", os.O_RDWR | os.O_APPEND)',
      'again = os.dup(book)',
      'apart = os.open(folder + "/book", os.O_RDONLY)',
      'log = os.open(folder + "/log", os.O_WRONLY | os.O_CREAT, 0o640)',
      'os.write(log, b"there ")',
      'print(book, again, apart, log, os.read(book, 4))',
      'sys.stdin.readline()',
      'print(os.read(again, 4), os.read(apart, 3), os.lseek(log, 0, os.SEEK_CUR), oct(os.fstat(log).st_mode))',
      'flags = fcntl.fcntl(book, fcntl.F_GETFL)',
      'print(flags & os.O_ACCMODE == os.O_RDWR, flags & os.O_APPEND > 0, fcntl.fcntl(book, fcntl.F_GETFD))',
      'os.write(book, b" five"); os.write(log, b"here")',
      'print(os.pread(apart, 99, 0), os.pread(os.open(f"/proc/self/fd/{log}", os.O_RDONLY), 99, 0))',
    );
    const rsc = await sides.attach(target.pid);
    expect(await target.answer('go')).to.equal("3 4 5 6 b'one '");
    await sides.detach(rsc);
    expect(rsc.lines.at(-1)).to.include(`descriptor 3 (${sides.folder}/book)`);
    expect(await target.answer('go')).to.equal("b'two ' b'one' 6 0o100640");
    expect(await target.hears('')).to.equal('True True 1');
    expect(await target.hears('')).to.equal("b'one two three four five' b'there here'");
    expect(await target.ended()).to.equal(0);
    expect(readFileSync(sides.there('book'), 'utf8')).to.equal('one two three four');
    expect(readFileSync(sides.there('log'), 'utf8')).to.equal('there ');
  });

  it('lets a parent and its child share the offset of a snapshot as they shared that of the file', async () => {
    writeFileSync(sides.there('book'), 'one two three four');
    const target = sides.python(
      'sys.stdin.readline()',
      'book = os.open(folder + "/book", os.O_RDONLY)',
      'ask, asked = os.pipe(); tell, told = os.pipe()',
      'if os.fork() == 0:',
      '  os.write(told, os.read(book, 4)); os.read(ask, 1); os.write(told, os.read(book, 4)); os._exit(0)',
      'print(os.read(tell, 9))',
      'sys.stdin.readline()',
      'os.write(asked, b"."); child = os.read(tell, 9)',
      'print(child, os.read(book, 5))',
    );
    const rsc = await sides.attach(target.pid);
    expect(await target.answer('go')).to.equal("b'one '");
    await sides.detach(rsc);
    expect(await target.answer('go')).to.equal("b'two ' b'three'");
  });

  it('lets nothing go that the process would lose, but by force', async () => {
    const target = sides.python(
      'sys.stdin.readline()',
      'queue = os.open(folder + "/queue", os.O_RDWR); room = os.open(folder, os.O_DIRECTORY)',
      'print(os.write(queue, b"in it"))',
      'sys.stdin.readline()',
      'try: print(os.read(queue, 9))',
      'except OSError as error: print(error.strerror)',
    );
    execFileSync('mkfifo', [sides.there('queue')]);
    const rsc = await sides.attach(target.pid);
    expect(await target.answer('go')).to.equal('5');
    rsc.signal('SIGINT');
    await rsc.hears(`cannot let go of process ${target.pid}`);
    expect([await rsc.hears(''), await rsc.hears('')]).to.deep.equal([
      `rsc: process ${target.pid}: descriptor 3 (${sides.folder}/queue): it is a FIFO`,
      `rsc: process ${target.pid}: descriptor 4 (${sides.folder}): it is a directory`,
    ]);
    await rsc.hears('SIGQUIT');
    rsc.signal('SIGQUIT');
    await rsc.hears(`process ${target.pid} has lost descriptor 3`);
    expect(await rsc.ended()).to.equal(0);
    expect(await target.answer('go')).to.equal('Bad file descriptor');
  });

  it('lets go after a time, and with --force whatever is lost', async () => {
    const target = sides.python('os.chdir(folder)', 'print("ready")', answering);
    await target.hears('ready');
    const rsc = await sides.attach(target.pid, '--detach-after', '0.2s', '--force');
    expect(await rsc.ended()).to.equal(0);
    expect(await target.answer('?')).to.equal('here');
  });

  it('begins relative paths at the local directory, and has the umask of the process', async () => {
    const target = sides.python(
      'os.chdir(folder); os.umask(0o27)',
      'print("ready")',
      'for name in sys.stdin:',
      '  open(name.strip(), "w").write(open("where").read())',
      '  print(oct(os.stat(name.strip()).st_mode), os.getcwd() == folder)',
    );
    await target.hears('ready');
    const rsc = await sides.attach(target.pid);
    expect(await target.answer('new')).to.equal('0o100640 True');
    await sides.detach(rsc);
    expect(readFileSync(sides.there('new'), 'utf8')).to.equal('there\n');
    expect(existsSync(join(sides.folder, 'new'))).to.equal(false);
  });

  it('ends with the process, and with its exit status', async () => {
    const target = sides.python('sys.stdin.readline()', 'sys.exit(7)');
    const rsc = await sides.attach(target.pid);
    target.say('go');
    expect(await rsc.ended()).to.equal(7);
    expect(await target.ended()).to.equal(7);
    expect(rsc.lines.at(-1)).to.equal(`rsc: process ${target.pid} has ended with exit status 7`);
  });

  it('says which signal has ended the process', async () => {
    const target = sides.python('sys.stdin.readline()');
    const rsc = await sides.attach(target.pid);
    target.signal('SIGTERM');
    expect(await rsc.ended()).to.equal(143);
  });

  it('answers EIO when the server is gone, and lets go then too', async () => {
    const target = sides.python(
      'for _ in sys.stdin:',
      '  try: print(open(where).read().strip())',
      '  except OSError as error: print(error.strerror)',
    );
    const server = await startServer(sides.root);
    const rsc = sides.rsc('--server', server.url, '--pid', String(target.pid));
    await rsc.hears('attached');
    expect(await target.answer('?')).to.equal('there');
    await server.kill();
    await rsc.hears('remote calls answer EIO from now on');
    expect(await target.answer('?')).to.equal('Input/output error');
    await sides.detach(rsc);
    expect(await target.answer('?')).to.equal('here');
  });

  it('that is killed lets the process go on, which gets no wrong answer', async () => {
    writeFileSync(sides.there('book'), 'one two');
    const target = sides.python(
      'sys.stdin.readline()',
      'book = os.open(folder + "/book", os.O_RDONLY)',
      'print(os.read(book, 4))',
      'for _ in sys.stdin:',
      '  try: print(os.read(book, 4))',
      '  except OSError as error: print(error.strerror, open(where).read().strip())',
    );
    const rsc = await sides.attach(target.pid);
    expect(await target.answer('go')).to.equal("b'one '");
    await rsc.stop();
    expect(await target.answer('?')).to.equal('Bad file descriptor here');
  });
});
