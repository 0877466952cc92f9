import { ask } from '@rsc/cli/dist/live/asking';
import { needsOf, worksHere } from './engines';
import { isAtLeast } from '@rsc/core/release';
import { expect } from 'chai';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { release } from 'node:os';
import { join } from 'node:path';
import { Living } from './living';
import { isInVm } from './places';

/** In a VM the processor is emulated. */
const RELOADS = isInVm ? 200 : 1000;

/** Appends lines by four threads, and renames, until it is told to end; prints how many lines it has written. */
const busy = [
  'import os, sys, threading',
  'folder = sys.argv[1]',
  'done = False; written = [0] * 4; wrong = []',
  'def work(n):',
  '  a, b = f"{folder}/a{n}", f"{folder}/b{n}"',
  '  while not done:',
  '    try:',
  '      fd = os.open(folder + "/log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)',
  '      os.write(fd, b"%d %d\\n" % (n, written[n])); os.close(fd); written[n] += 1',
  '    except OSError as e: wrong.append(str(e))',
  '    for x, y in ((a, b), (b, a)):',
  '      try: os.rename(x, y)',
  '      except FileNotFoundError: pass',
  '      except OSError as e: wrong.append(str(e))',
  'threads = [threading.Thread(target=work, args=[n]) for n in range(4)]',
  'for t in threads: t.start()',
  'print("busy", flush=True); sys.stdin.readline(); done = True',
  'for t in threads: t.join()',
  'print("wrote", *written, *wrong[:3], flush=True)',
].join('\n');

describe('a session that runs', function () {
  this.timeout(90_000);
  let living: Living;
  const loop = (): string[] => [
    'bash',
    '-c',
    `while read -r _; do read -r word < ${living.folder}/where; echo "$word"; done`,
  ];
  let server: readonly string[];
  const running = (...flags: readonly string[]): string[] => ['run', ...server, ...flags, '--'];

  beforeEach(async () => {
    living = new Living();
    server = await living.serverWords();
  });
  afterEach(() => living.clear());

  it('is listed with what it does', async () => {
    const { talk, id } = await living.session(...running(), ...loop());
    expect(await talk.answer('')).to.equal('there');
    const [found] = JSON.parse((await living.rsc('ps', '--json')).stdout) as {
      id: string;
      calls: { remote: number };
    }[];

    expect(found).to.deep.include({ id, by: 'run', command: loop().join(' ') });
    expect(found?.calls.remote).to.be.above(0);
    expect((await living.rsc('ps')).stdout)
      .to.include(id)
      .and.include('bash -c');
  });

  it('moves its file calls to this machine and back while it runs', async () => {
    const { talk, id } = await living.session(...running(), ...loop());
    const words = [await talk.answer('')];
    for (const route of ['local', 'remote'] as const) {
      const { stdout, status } = await living.rsc('policy', 'load', living.policy(route));
      expect({ status, stdout }).to.have.property('status', 0);
      expect(stdout).to.include(`session ${id} (process `).and.include('goes by it from its next calls on');
      words.push(await talk.answer(''));
    }

    expect(words).to.deep.equal(['there', 'here', 'there']);
  });

  it('is the only one that changes where it is named', async () => {
    const one = await living.session(...running(), ...loop());
    const other = await living.session(...running(), ...loop());
    await living.rsc('policy', 'load', living.policy('local'), '--session', one.id);

    expect([await one.talk.answer(''), await other.talk.answer('')]).to.deep.equal(['here', 'there']);
    expect((await living.rsc('policy', 'show')).stdout).to.match(/^no policy is active/);
    expect(JSON.parse((await living.rsc('ps', '--json')).stdout)).to.have.length(2);
  });

  it('is told apart from one that there is not', async () => {
    const { stderr, status } = await living.rsc('policy', 'load', 'file', '--session', 'nobody');

    expect({ stderr, status }).to.deep.equal({
      stderr: 'rsc: there is no session "nobody"\n  try: see which sessions there are: rsc ps\n',
      status: 125,
    });
  });

  it('refuses a policy whose calls its filter lets pass, and goes on as it was', async () => {
    const flags = ['--engine', 'seccomp', '--syscalls', 'getppid'];
    const { talk, id } = await living.session(...running(...flags), ...loop());
    const { stderr, status } = await living.rsc('policy', 'load', living.policy('remote'), '--session', id);

    expect(status).to.equal(125);
    expect(stderr).to.match(/which goes on as it was: the filter of its engine seccomp lets .*openat/);
    expect(stderr).to.include('--reloadable file');
    expect(await talk.answer('')).to.equal('here');
  });

  it('follows such a policy where it was begun for it', async () => {
    const flags = ['--engine', 'seccomp', '--syscalls', 'getppid', '--reloadable', 'file'];
    const { talk } = await living.session(...running(...flags), ...loop());
    const before = await talk.answer('');
    const { status } = await living.rsc('policy', 'load', living.policy('remote'));

    expect([before, status, await talk.answer('')]).to.deep.equal(['here', 0, 'there']);
  });

  for (const engine of ['ptrace', 'seccomp', 'notify', 'hybrid', 'ebpf'] as const) {
    const needs = engine === 'hybrid' || engine === 'ebpf' ? ` (what it needs: ${needsOf[engine]})` : '';
    const title = `follows one policy whole with each call in ${RELOADS} reloads, engine ${engine}${needs}`;
    if (engine === 'notify' && !isAtLeast(release(), [6, 18])) {
      it(`${title} (needs Linux 6.18)`);
      continue;
    }
    it(title, async function () {
      if (!worksHere(engine, process.getuid?.())) this.skip();
      for (let thread = 0; thread < 4; thread++)
        for (const side of [living.folder, join(living.root, living.folder)])
          writeFileSync(join(side, `a${thread}`), '');
      const python = ['/usr/bin/python3', '-c', busy, living.folder];
      const { talk, socket } = await living.session(...running('--engine', engine), ...python);
      await talk.hears('busy');
      const texts = [living.policy('local'), living.policy('remote')].map((file) =>
        readFileSync(file, 'utf8'),
      );
      for (let reload = 0; reload < RELOADS; reload++) {
        const answer = await ask(socket, { kind: 'policy', text: texts[reload % 2] ?? '' });
        expect(answer?.kind).to.equal('follows');
      }
      const said = await talk.answer('');
      const [here, there] = [living.folder, join(living.root, living.folder)].map((side) =>
        readFileSync(join(side, 'log'), 'utf8').split('\n').slice(0, -1),
      );
      const written = said.split(' ').slice(1, 5).map(Number);
      const expected = written.flatMap((total, thread) =>
        Array.from({ length: total }, (_, line) => `${thread} ${line}`),
      );

      expect(said).to.match(/^wrote( \d+){4}$/);
      expect([...(here ?? []), ...(there ?? [])].sort()).to.deep.equal(expected.sort());
      expect([here?.length, there?.length]).to.not.include(0);
    });
  }

  it('goes on whatever is said to its socket', async () => {
    const { talk, socket } = await living.session(...running(), ...loop());
    for (const garbage of ['hello\n', '{"kind":"stop"}\n', 'x'.repeat(3 << 20)]) {
      const client = createConnection(socket);
      let answer = '';
      client.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      client.write(garbage);
      // It may be cut off before it has said all.
      await new Promise<void>((resolve) => client.on('error', () => undefined).on('close', () => resolve()));
      if (garbage.endsWith('\n')) expect(JSON.parse(answer)).to.include({ kind: 'refused' });
    }

    expect(await talk.answer('')).to.equal('there');
    expect((await living.rsc('ps')).stdout).to.include('bash');
  });

  it('that was killed is no longer listed, and its socket is removed', async () => {
    const { talk, socket } = await living.session(...running(), ...loop());
    await talk.stop();
    expect(existsSync(socket)).to.equal(true);

    expect(await living.rsc('ps')).to.deep.equal({ stdout: 'no sessions run\n', stderr: '', status: 0 });
    expect(existsSync(socket)).to.equal(false);
  });

  it('removes its socket when it ends', async () => {
    const { talk, socket } = await living.session(...running(), 'bash', '-c', 'read -r _');
    talk.say('');

    expect([await talk.ended(), existsSync(socket)]).to.deep.equal([0, false]);
  });

  it('runs without its socket, with one warning', async () => {
    rmSync(living.sockets, { recursive: true });
    writeFileSync(living.sockets, '');
    const script = `read -r w < ${living.folder}/where; sleep 1; echo $w`;
    const { stdout, stderr, status } = await living.rsc(...running(), 'bash', '-c', script);

    expect({ stdout, status }).to.deep.equal({ stdout: 'there\n', status: 0 });
    expect(stderr).to.match(
      /^rsc: warning: rsc ps will not find this session: cannot use .*: it is no folder\n$/,
    );
  });

  it('of rsc attach lets its process go', async () => {
    const target = living.start(...loop());
    const { talk } = await living.session('attach', ...server, '--pid', String(target.pid));
    const attached = await target.answer('');
    const { stdout, status } = await living.rsc('detach', '--pid', String(target.pid));

    expect({ attached, stdout, status }).to.deep.equal({
      attached: 'there',
      stdout: `let go of process ${target.pid}\n`,
      status: 0,
    });
    expect([await talk.ended(), await target.answer('')]).to.deep.equal([0, 'here']);
  });

  it('of rsc run does not let its program go, and says why', async () => {
    await living.session(...running('--engine', 'seccomp'), ...loop());
    const [{ pid }] = JSON.parse((await living.rsc('ps', '--json')).stdout) as [{ pid: number }];
    const { stderr, status } = await living.rsc('detach', '--pid', String(pid));

    expect(status).to.equal(125);
    expect(stderr).to.match(
      /^rsc: cannot detach process \d+: it was begun by rsc run with the engine seccomp, whose/,
    );
  });
});
