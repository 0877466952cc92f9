import { expect } from 'chai';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plainEnv, run, type Ending } from './ending';
import { guestFolder } from './places';
import { makeRoot, type Root } from './root';
import { embeddedCommand, rscRun, rscRunAt } from './rsc';
import { startServer, type Server } from './server';

function printed(stdout: string): Ending {
  return { stdout, stderr: '', status: 0 };
}

describe('what is remote is remote, what is local is local', function () {
  this.timeout(60_000);
  let root: Root;
  let server: Server | undefined;

  beforeEach(() => {
    root = makeRoot();
    server = undefined;
  });

  afterEach(async () => {
    await server?.stop();
    root.remove();
  });

  it('reads a file that only the server has', async () => {
    expect(existsSync('/work/notes.txt')).to.equal(false);
    const ending = await run(embeddedCommand(root.path, ['head', '-n', '1', '/work/notes.txt']));
    expect(ending).to.deep.equal(printed('a note that only the server has\n'));
  });

  it('writes to the server and nowhere else', async () => {
    const name = `/tmp/rsc-written-${process.pid}`;
    const ending = await run(
      embeddedCommand(root.path, ['bash', '-c', `echo remote > ${name} && cat ${name}`]),
    );
    expect(ending).to.deep.equal(printed('remote\n'));
    expect(readFileSync(join(root.path, name), 'utf8')).to.equal('remote\n');
    expect(existsSync(name)).to.equal(false);
  });

  it('does not see a file that only this machine has', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rsc-local-'));
    writeFileSync(join(folder, 'file'), 'local');
    try {
      const ending = await run(embeddedCommand(root.path, ['cat', join(folder, 'file')]));
      expect(ending).to.deep.equal({
        stdout: '',
        stderr: `cat: ${join(folder, 'file')}: No such file or directory\n`,
        status: 1,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has programs, devices and processes of this machine', async () => {
    writeFileSync(join(root.path, 'usr/only-on-the-server'), '');
    const script =
      'test -e /usr/bin/env && test ! -e /usr/only-on-the-server && test -c /dev/null && cat /proc/self/comm';
    expect(await run(embeddedCommand(root.path, ['sh', '-c', script]))).to.deep.equal(printed('cat\n'));
  });

  it('runs a program of this machine that a link on the server leads to', async () => {
    const script =
      'python3 -m venv --without-pip v && v/bin/python -c "import sys; print(sys.prefix)"; readlink v/bin/python3';
    const command = ['env', 'PATH=/usr/bin', 'sh', '-c', script];
    const { stdout, status } = await run(embeddedCommand(root.path, command));
    expect({ stdout, status }).to.deep.equal({ stdout: '/work/v\n/usr/bin/python3\n', status: 0 });
  });

  it('says why a link to a path of this machine leads nowhere, as long as it is there', async () => {
    const script = 'ln -s /usr/bin/env e; rm e; cat e; ls e; ln -s /usr/bin/env e; cat e; cat e; ls e';
    const { stdout, stderr, status } = await run(embeddedCommand(root.path, ['sh', '-c', script]));
    expect({ stdout, status }).to.deep.equal({ stdout: 'e\n', status: 0 });
    const because =
      '/work/e is a link on the server to /usr/bin/env, which is looked for there, and not here; name /usr/bin/env itself, or have it there too';
    expect(stderr.replace(/in process \d+/g, 'in process N').split('\n')).to.deep.equal([
      'cat: e: No such file or directory',
      "ls: cannot access 'e': No such file or directory",
      `rsc: warning: openat in process N answered ENOENT: ${because}`,
      'cat: e: No such file or directory',
      'cat: e: No such file or directory',
      `rsc: warning: statx in process N answered ENOENT: ${because}`,
      '',
    ]);
  });

  it('leads out of no root: .. of / is /', async () => {
    const ending = await run(
      embeddedCommand(root.path, ['sh', '-c', 'cd ../../../.. && pwd && cat work/one']),
    );
    expect(ending).to.deep.equal(printed('/\none file, two names\n'));
  });

  it('starts in the path of the local working directory, if the server has it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rsc-here-'));
    const inFolder = (...command: string[]): string[] => ['env', '-C', folder, ...command];
    try {
      const pwd = inFolder(...rscRunAt(root.path, '--', 'pwd'));
      expect(await run(pwd)).to.deep.equal(printed('/\n'));
      mkdirSync(join(root.path, folder), { recursive: true });
      expect(await run(pwd)).to.deep.equal(printed(`${folder}\n`));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('starts in a directory whose name is not ASCII', async () => {
    mkdirSync(join(root.path, 'work/größer'));
    const pwd = rscRunAt(root.path, '--cwd', '/work/größer', '--', 'pwd');
    expect(await run(pwd)).to.deep.equal(printed('/work/größer\n'));
  });

  it('reaches a server over TCP, by option and by RSC_SERVER', async () => {
    server = await startServer(root.path);
    const command = ['cat', '/work/one'];
    const byOption = await run(rscRun('--server', server.url, '--', ...command));
    const byEnvironment = await run(rscRun('--', ...command), {
      env: { ...plainEnv, RSC_SERVER: server.url },
    });
    expect([byOption, byEnvironment]).to.deep.equal(Array(2).fill(printed('one file, two names\n')));
  });

  it('serves several at once, each with its own working directory and descriptors', async () => {
    server = await startServer(root.path);
    const { url } = server;
    const count = (name: string): Promise<Ending> =>
      run(
        rscRun(
          '--server',
          url,
          '--cwd',
          '/work',
          '--',
          'sh',
          '-c',
          `mkdir ${name} && cd ${name} && pwd > here && cat here`,
        ),
      );
    const names = ['ant', 'bee', 'cat', 'dog'];
    const endings = await Promise.all(names.map(count));
    expect(endings).to.deep.equal(names.map((name) => printed(`/work/${name}\n`)));
  });

  it('keeps a database in WAL mode whole that two sessions write', async () => {
    server = await startServer(root.path);
    const { url } = server;
    const at = (...command: string[]): Promise<Ending> =>
      run(rscRun('--server', url, '--cwd', '/work', '--', ...command));
    const writers = (count: string): Promise<Ending> => at('/usr/bin/python3', 'scripts/wal.py', count);
    await writers('0');
    const endings = await Promise.all([writers('1'), writers('1')]);
    expect(endings.map(({ status, stderr }) => `${status} ${stderr}`)).to.deep.equal(['0 ', '0 ']);
    const query = 'select count(*), sum(row) from log; pragma integrity_check';
    expect(await at('sqlite3', 'wal.db', query)).to.deep.equal(printed('80|1560\nok\n'));
  });

  it('refuses to wait for very many descriptors of both sides, and says so', async () => {
    const { stdout, stderr, status } = await run(
      embeddedCommand(root.path, [join(guestFolder, 'polls'), 'refused']),
    );
    expect({ stdout: stdout.split('\n'), status }).to.deep.equal({
      stdout: ['poll(both, many, 0) = ENOSYS', 'refused: 1/7f 1/7f', ''],
      status: 0,
    });
    expect(stderr.replace(/in process \d+/, 'in process N')).to.equal(
      'rsc: warning: poll in process N answered ENOSYS: there are too many descriptors to wait for on both sides\n',
    );
  });

  it('refuses epolls in epolls with remote descriptors, and those of another process, and says so', async () => {
    const { stdout, stderr, status } = await run(
      embeddedCommand(root.path, [join(guestFolder, 'epolls'), 'refused']),
    );
    expect({ stdout: stdout.split('\n'), status }).to.deep.equal({
      stdout: [
        'add(outer, inner, EPOLLIN, 2) = EOPNOTSUPP',
        'add(nested, fifo, EPOLLIN, 1) = EOPNOTSUPP',
        'epoll_wait(set, &event, 1, -1) = ENOSYS',
        'add(set, other, EPOLLIN, 1) = EOPNOTSUPP',
        'the child: exit status 0',
        '',
      ],
      status: 0,
    });
    expect(stderr.replace(/in process \d+/g, 'in process N').split('\n')).to.deep.equal([
      'rsc: warning: epoll_ctl in process N answered EOPNOTSUPP: an epoll with remote descriptors cannot be in another',
      'rsc: warning: epoll_wait in process N answered ENOSYS: its remote descriptors were added in another process',
      '',
    ]);
  });

  it('refuses to watch paths of both sides by one inotify instance, and says so', async () => {
    const { stdout, stderr, status } = await run(
      embeddedCommand(root.path, [join(guestFolder, 'watches'), 'refused']),
    );
    expect({ stdout: stdout.split('\n'), status }).to.deep.equal({
      stdout: [
        'inotify_add_watch(local, "watched", IN_MODIFY) = ENOSPC',
        'inotify_add_watch(remote, "/proc/self", IN_CREATE) = ENOSPC',
        'inotify_add_watch(copied, "watched", IN_MODIFY) = ENOSPC',
        'the child: exit status 0',
        '',
      ],
      status: 0,
    });
    expect(stderr.replace(/in process \d+/, 'in process N')).to.equal(
      'rsc: warning: inotify_add_watch in process N answered ENOSPC: an instance that watches local paths cannot watch remote ones\n',
    );
  });

  it('refuses to join pipes of two machines, and handles of files, and says so once a call', async () => {
    const { stdout, stderr, status } = await run(
      embeddedCommand(root.path, [join(guestFolder, 'pumps'), 'refused']),
    );
    expect({ stdout: stdout.split('\n'), status }).to.deep.equal({
      stdout: [
        'tee(ends[0], fifo, 4, 0) = EINVAL',
        'tee(fifo, ends[1], 5, 0) = EINVAL',
        'splice(fifo, NULL, ends[1], NULL, 5, 0) = EINVAL',
        'vmsplice(fifo, &part, 1, 0) = EBADF',
        'vmsplice(file, &part, 1, 0) = EBADF',
        'name_to_handle_at(AT_FDCWD, "handled", &(struct file_handle){0}, &mount_id, 0) = EOPNOTSUPP',
        'read(fifo, back, 10) = 5',
        'read(ends[0], back, 10) = 4',
        '',
      ],
      status: 0,
    });
    expect(stderr.replace(/in process \d+/g, 'in process N').split('\n')).to.deep.equal([
      'rsc: warning: tee in process N answered EINVAL: pipes of two machines share no pages',
      'rsc: warning: splice in process N answered EINVAL: from a remote pipe or device to this machine bytes are only read and written',
      'rsc: warning: vmsplice in process N answered EBADF: it shares memory with a pipe, which has to be on this machine',
      'rsc: warning: name_to_handle_at in process N answered EOPNOTSUPP: file handles are only good on the machine that made them',
      '',
    ]);
  });

  it('changes nothing on a read-only server', async () => {
    server = await startServer(root.path, { options: ['--read-only'] });
    const command = ['sh', '-c', 'cat one; echo no > one'];
    const { stdout, stderr, status } = await run(
      rscRun('--server', server.url, '--cwd', '/work', '--', ...command),
    );
    expect({ stdout, status }).to.deep.equal({ stdout: 'one file, two names\n', status: 2 });
    expect(stderr).to.include('Read-only file system');
    expect(readFileSync(join(root.path, 'work/one'), 'utf8')).to.equal('one file, two names\n');
  });
});
