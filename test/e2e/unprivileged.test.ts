import { expect } from 'chai';
import { plainEnv, run } from './ending';
import { cureForNobody, nobody } from './nobody';
import { guest, rscProgram } from './places';
import { makeRoot } from './root';
import { embeddedCommand } from './rsc';
import { Talk } from './talk';
import { expectSameAsNative, type Case } from './same';

const core: (Case & { readonly title: string })[] = [
  { title: 'cat', command: ['cat', 'notes.txt', 'far-link'], prints: 'only the server has' },
  { title: 'ls -laR', command: ['ls', '-laR', '--time-style=full-iso'], prints: 'passenger' },
  { title: 'cp -a', command: ['cp', '-av', 'library', 'one', 'two', 'link', 'noise.bin', '/tmp'] },
  {
    title: 'writing where it may not',
    command: ['sh', '-c', 'echo no > read-only; echo no > /etc/passwd-; cat read-only'],
    prints: 'cannot be changed',
  },
  {
    title: 'tar',
    command: [
      'bash',
      '-c',
      'tar -cf /tmp/all.tar library one two && mkdir out && tar -xpf /tmp/all.tar -C out && ls -R out',
    ],
  },
  { title: 'a bash script', command: ['bash', 'scripts/everyday.sh'], status: 3, prints: 'trapped' },
  { title: 'python3', command: ['/usr/bin/python3', 'scripts/files.py'], prints: 'copied on write' },
  {
    title: 'sqlite3',
    command: [
      'sqlite3',
      'books.db',
      'CREATE TABLE book(title TEXT); INSERT INTO book VALUES (1), (2); SELECT count(*) FROM book;',
    ],
    prints: '2',
  },
  {
    title: 'git',
    command: ['sh', 'scripts/git.sh'],
    prints: 'rename a book',
    volatile: ['/work/shelf/.git/index'],
  },
  ...['descriptors', 'paths', 'threads', 'forks', 'errnos', 'modes', 'interrupted', 'static-files'].map(
    (name) => ({
      title: `the guest program ${name}`,
      command: [`guest:${name}`],
    }),
  ),
];

describe('rsc run as nobody, with a server inside', function () {
  this.timeout(60_000);
  const options = { uid: nobody, env: { ...plainEnv, HOME: '/nonexistent' } };
  const missing = cureForNobody();

  if (missing !== undefined) {
    it(`is the same as natively - to have this tested: ${missing}`);
    return;
  }

  for (const { title, ...row } of core) {
    it(`is the same as natively: ${title}`, () => expectSameAsNative({ ...row, run: options }));
  }

  it('says what is missing where user namespaces are forbidden', async () => {
    const root = makeRoot(nobody);
    try {
      const command = [guest('refuse'), 'namespaces', ...embeddedCommand(root.path, ['cat', 'notes.txt'])];
      const { stdout, stderr, status } = await run(command, options);
      expect({ stdout, status }).to.deep.equal({ stdout: '', status: 125 });
      expect(stderr).to.match(/^rsc: .*user namespaces/);
    } finally {
      root.remove();
    }
  });

  const harmless = ['--syscalls', 'stat,newfstatat,statx,access,faccessat,faccessat2'];

  it('rsc attach takes the engine ptrace, says once why, and the process is moved there and back', async () => {
    const root = makeRoot(nobody);
    const looks = 'import os, sys\nfor _ in sys.stdin: print(os.path.exists("/work/notes.txt"), flush=True)';
    const target = new Talk(['/usr/bin/python3', '-c', looks], nobody);
    const words = ['--embedded', root.path, '--pid', String(target.pid), ...harmless];
    try {
      expect(await target.answer('?')).to.equal('False');
      const rsc = new Talk([process.execPath, rscProgram, 'attach', ...words], nobody);
      await rsc.hears('attached');
      expect(await target.answer('?')).to.equal('True');
      rsc.signal('SIGINT');
      expect(await rsc.ended()).to.equal(0);
      expect(await target.answer('?')).to.equal('False');

      const warnings = rsc.lines.filter((line) => line.includes('warning'));
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.match(
        /^rsc: warning: took the engine ptrace: .*ebpf: loading .* returned EPERM$/,
      );
    } finally {
      await target.stop();
      root.remove();
    }
  });

  it('refuses the engines that need eBPF, and says what is missing', async () => {
    const root = makeRoot(nobody);
    try {
      for (const engine of ['hybrid', 'ebpf']) {
        const flags = ['--engine', engine, ...harmless];
        const { stdout, stderr, status } = await run(embeddedCommand(root.path, ['true'], flags), options);
        expect({ stdout, status }).to.deep.equal({ stdout: '', status: 125 });
        expect(stderr).to.match(
          new RegExp(`^rsc: cannot use the engine ${engine}: loading .* returned EPERM\n`),
        );
        expect(stderr).to.include('rsc doctor');
      }
    } finally {
      root.remove();
    }
  });

  it('is told by rsc ps how sessions are found, where there is no folder for their sockets', async () => {
    const { stdout, stderr, status } = await run([process.execPath, rscProgram, 'ps'], options);

    expect({ stdout, status }).to.deep.equal({ stdout: 'no sessions run\n', status: 0 });
    expect(stderr).to.match(
      /^rsc: warning: no session of this user can be found: .*\n {2}try: .*XDG_RUNTIME_DIR=DIR\n$/,
    );
  });
});
