import { expect } from 'chai';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './ending';
import { runNative } from './native';
import { printed, Scene, work } from './policy-scene';
import { embeddedCommand, rscRunAt } from './rsc';
import { expectSameAsNative } from './same';

const python = '/usr/bin/python3';

describe('a policy says where calls go', function () {
  this.timeout(60_000);
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
  });
  afterEach(() => {
    scene.remove();
  });

  describe('by path', () => {
    it('reads from both sides in one program, each as it is there natively', async () => {
      expect([existsSync('/work/one'), existsSync(join(scene.root.path, scene.here))]).to.deep.equal([
        false,
        false,
      ]);
      const there = await runNative(scene.root.path, ['cat', '/work/one']);
      const here = await run(['cat', join(scene.here, 'note')]);

      const ending = await scene.run([work], 'cat', '/work/one', join(scene.here, 'note'));

      expect(ending).to.deep.equal(printed(there.stdout + here.stdout));
      expect(ending.stdout).to.equal('one file, two names\na note that only this machine has\n');
    });

    it('writes to each side, and to the other nothing', async () => {
      const { stderr } = await scene.shell([work], `echo there > /work/new; echo here > ${scene.here}/new`);

      expect(stderr).to.equal('');
      expect(readFileSync(join(scene.root.path, 'work/new'), 'utf8')).to.equal('there\n');
      expect(readFileSync(join(scene.here, 'new'), 'utf8')).to.equal('here\n');
      expect([existsSync('/work/new'), existsSync(join(scene.root.path, scene.here))]).to.deep.equal([
        false,
        false,
      ]);
    });

    it('goes from side to side with the working directory', async () => {
      const up = scene.here.split('/').slice(1).join('/');
      const script = `cat note; cd /work; pwd; cat one ../${up}/note; cd ..; pwd; ls -d work/one; cd ${up} && pwd; cat note`;
      const { stdout, stderr } = await scene.shell([work], script);

      const note = 'a note that only this machine has\n';
      expect(stdout).to.equal(
        `${note}/work\none file, two names\n${note}/\nwork/one\n${scene.here}\n${note}`,
      );
      expect(stderr).to.equal('');
    });

    it('answers EXDEV to a rename from side to side, so that mv copies', async () => {
      const { stdout } = await scene.run(
        [work],
        python,
        '-c',
        `import os
try: os.rename('/work/one', '${scene.here}/one')
except OSError as e: print(e.strerror)`,
      );
      const moved = await scene.run([work], 'mv', '/work/one', scene.here);

      expect(stdout).to.equal('Invalid cross-device link\n');
      expect(moved).to.deep.equal(printed(''));
      expect(readFileSync(join(scene.here, 'one'), 'utf8')).to.equal('one file, two names\n');
      expect(existsSync(join(scene.root.path, 'work/one'))).to.equal(false);
    });

    it('takes the first rule that matches', async () => {
      mkdirSync(join(scene.here, 'kept'));
      const rules = [`paths: ${scene.here}/kept/**, route: local`, `paths: ${scene.here}/**, route: remote`];
      writeFileSync(join(scene.here, 'kept/x'), 'kept here\n');
      const open = (path: string) => scene.run(rules, 'cat', path);

      expect((await open(join(scene.here, 'kept/x'))).stdout).to.equal('kept here\n');
      expect((await open(join(scene.here, 'note'))).stderr).to.include('No such file or directory');
    });

    it('wins over the default-local paths', async () => {
      mkdirSync(join(scene.root.path, 'usr/share/rsc-only-there'), { recursive: true });
      writeFileSync(
        join(scene.root.path, 'usr/share/rsc-only-there/x'),
        'a default-local path of the server\n',
      );
      const read = ['cat', '/usr/share/rsc-only-there/x'];

      const byPath = await scene.run(['paths: /usr/share/rsc-only-there/**, route: remote'], ...read);
      const bySet = await scene.run(['syscalls: file, route: remote'], ...read);

      expect(byPath).to.deep.equal(printed('a default-local path of the server\n'));
      expect(bySet.stderr).to.include('No such file or directory');
    });

    it('starts in the directory that --cwd names, if that is remote', async () => {
      const pwd = ['--policy', scene.policy(work), '--', 'pwd'];

      expect(await run(rscRunAt(scene.root.path, '--cwd', '/work', ...pwd))).to.deep.equal(
        printed('/work\n'),
      );
      expect(await run(rscRunAt(scene.root.path, '--cwd', '/tmp', ...pwd))).to.deep.equal(
        printed(
          '',
          'rsc: cannot start in /tmp on the server: the policy does not have that directory there\n' +
            '  try: name a directory whose path the policy makes remote: --cwd DIR\n',
          2,
        ),
      );
    });
  });

  describe('denies', () => {
    it('a path on both sides, with the errno that it names', async () => {
      const rules = ['paths: [/work/poem.txt, /**/note], route: deny, errno: EIO', work];
      const ending = await scene.run(rules, 'cat', '/work/poem.txt', `${scene.here}/note`, '/work/one');

      expect(ending).to.deep.equal(
        printed(
          'one file, two names\n',
          `cat: /work/poem.txt: Input/output error\ncat: ${scene.here}/note: Input/output error\n`,
          1,
        ),
      );
    });

    it('without running the call anywhere', async () => {
      const rules = ['syscalls: unlinkat, route: deny, errno: EPERM', work];
      const { stderr, status } = await scene.run(rules, 'rm', '/work/one', 'note');

      expect(status).to.equal(1);
      expect(stderr).to.equal(
        "rm: cannot remove '/work/one': Operation not permitted\nrm: cannot remove 'note': Operation not permitted\n",
      );
      expect([
        existsSync(join(scene.root.path, 'work/one')),
        existsSync(join(scene.here, 'note')),
      ]).to.deep.equal([true, true]);
    });

    it('calls that never leave this machine', async () => {
      const script = 'import socket\ntry: socket.socket()\nexcept OSError as e: print(e.errno, e.strerror)';
      const ending = await scene.run(
        ['syscalls: socket, route: deny, errno: EAFNOSUPPORT'],
        python,
        '-c',
        script,
      );

      expect(ending).to.deep.equal(printed('97 Address family not supported by protocol\n'));
    });

    it('the execution of a program, but for the first, which rsc executes', async () => {
      const rules = ['syscalls: execve, paths: /usr/bin/env, route: deny, errno: EACCES'];
      const second = await scene.run(rules, 'sh', '-c', '/usr/bin/env true; echo $?; /usr/bin/true; echo $?');
      const first = await scene.run(['syscalls: execve, route: deny, errno: EACCES'], 'echo', 'executed');

      expect(second.stdout).to.equal('126\n0\n');
      expect(first).to.deep.equal(printed('executed\n'));
    });

    it('nothing of the first program before it runs, so that rsc can say why it did not', async () => {
      const program = join(scene.here, 'no-program');
      writeFileSync(program, '\x7fELF, but not really', { mode: 0o755 });
      const ending = await scene.run(['syscalls: "write,openat", route: deny, errno: EIO'], program);

      expect(ending).to.deep.equal(printed('', `rsc: cannot run ${program}: Exec format error\n`, 126));
    });

    it('a relative path, and one that climbs, by the path that it means', async () => {
      const rules = ['paths: /work/library/**, route: deny, errno: EACCES', work];
      const script =
        'cd /work && cat library/a/first.txt; cat empty/../library/a/first.txt; cat ./library/../one';
      const { stdout, stderr } = await scene.shell(rules, script);

      expect(stdout).to.equal('one file, two names\n');
      expect(stderr.match(/Permission denied/g)).to.have.length(2);
    });

    it('a remote file by its name in /proc as by its own', async () => {
      const rules = ['syscalls: truncate, paths: /work/one, route: deny, errno: EROFS', work];
      const script = `import os
fd = os.open('/work/one', os.O_RDWR)
for path in ['/work/one', f'/proc/self/fd/{fd}']:
    try: os.truncate(path, 0)
    except OSError as e: print(e.strerror)`;

      expect(await scene.run(rules, python, '-c', script)).to.deep.equal(
        printed('Read-only file system\nRead-only file system\n'),
      );
      expect(readFileSync(join(scene.root.path, 'work/one'), 'utf8')).to.equal('one file, two names\n');
    });
  });

  it('by program', async () => {
    mkdirSync(join(scene.root.path, scene.here), { recursive: true });
    writeFileSync(join(scene.root.path, scene.here, 'note'), 'the same name on the server\n');
    const rules = [`program: '/**/head', paths: ${scene.here}/**, route: remote`];
    const script = 'cat note; head -n 1 note; (head -n 1 note); cat note | head -n 1; exec head -n 1 note';

    const { stdout, stderr } = await scene.shell(rules, script);

    const [here, there] = ['a note that only this machine has\n', 'the same name on the server\n'];
    expect({ stdout, stderr }).to.deep.equal({ stdout: here + there + there + here + there, stderr: '' });
  });

  it('denies by program', async () => {
    const rules = ['program: /**/head, paths: /work/**, route: deny, errno: EACCES', work];
    const { stdout, stderr } = await scene.shell(rules, 'head -n 1 /work/one; cat /work/one');

    expect({ stdout, stderr }).to.deep.equal({
      stdout: 'one file, two names\n',
      stderr: "head: cannot open '/work/one' for reading: Permission denied\n",
    });
  });

  it('by the side that a descriptor is on', async () => {
    const rules = ['syscalls: "write,pwrite64", origin: remote, route: deny, errno: EROFS', work];
    const script = 'echo there > /work/new; echo here > new; cat new /work/new';
    const { stdout, stderr } = await scene.run(rules, 'bash', '-c', script);

    expect(stdout).to.equal('here\n');
    expect(stderr).to.include('Read-only file system');
    expect(readFileSync(join(scene.root.path, 'work/new'), 'utf8')).to.equal('');
  });

  it('by the side of the directory that a path begins at', async () => {
    const rules = ['syscalls: openat, origin: local, route: deny, errno: EACCES', work];
    const script = `import os
for folder, name in [('/work', 'one'), ('${scene.here}', 'note')]:
    at = os.open(folder, os.O_RDONLY)
    try: print(os.read(os.open(name, os.O_RDONLY, dir_fd=at), 100))
    except OSError as e: print(e.strerror)`;

    expect(await scene.run(rules, python, '-c', script)).to.deep.equal(
      printed("b'one file, two names\\n'\nPermission denied\n"),
    );
  });

  it('by the preset dev: program text from here, other files from the server', async () => {
    writeFileSync(join(scene.here, 'tool.py'), "print(open('/work/one').read(), end='')\n");
    const command = [python, join(scene.here, 'tool.py')];
    const rsc = rscRunAt(scene.root.path, '--policy', 'dev', '--', ...command);

    expect(await run(rsc)).to.deep.equal(printed('one file, two names\n'));
  });

  it('by a preset behind rules of its own', async () => {
    writeFileSync(join(scene.here, 'tool.py'), 'import helper\nhelper.show()\n');
    writeFileSync(join(scene.here, 'helper.py'), "def show(): print(open('/work/one').read(), end='')\n");
    const file = scene.policy(`paths: ${scene.here}/**, route: local`);
    appendFileSync(file, 'preset: dev\n');
    const rsc = rscRunAt(scene.root.path, '--policy', file, '--', python, join(scene.here, 'tool.py'));

    expect(await run(rsc)).to.deep.equal(printed('one file, two names\n'));
  });

  it('by a rule for the folders above, at which node looks', async () => {
    writeFileSync(join(scene.here, 'tool.js'), "console.log(require('./helper').read('/work/one'))\n");
    writeFileSync(
      join(scene.here, 'helper.js'),
      "exports.read = (path) => require('node:fs').readFileSync(path, 'utf8').trim()\n",
    );
    const above = scene.here.split('/').flatMap((_, depth, parts) => parts.slice(0, depth).join('/') || []);
    const file = scene.policy(`paths: [${[...above, `${scene.here}/**`].join(', ')}], route: local`);
    appendFileSync(file, 'preset: dev\n');
    const node = [process.execPath, join(scene.here, 'tool.js')];

    expect(await run(rscRunAt(scene.root.path, '--policy', file, '--', ...node))).to.deep.equal(
      printed('one file, two names\n'),
    );
  });

  it('by the preset file as by the set file', async () => {
    const command = ['sh', '-c', 'cat one; echo new > new; cat nowhere'];
    const [byPolicy, bySet] = await Promise.all(
      [
        ['--policy', 'file'],
        ['--syscalls', 'file'],
      ].map((flags) => run(embeddedCommand(scene.root.path, command, flags))),
    );

    expect(byPolicy).to.deep.equal(bySet);
    expect(bySet?.stdout).to.equal('one file, two names\n');
  });

  it('says so where it sends nothing to the server', async () => {
    const rsc = rscRunAt(scene.root.path, '--policy', 'net', '--', 'echo', 'all here');

    expect(await run(rsc)).to.deep.equal(
      printed('all here\n', 'rsc: warning: by this policy no call goes to the server: rsc policy show\n'),
    );
  });
});

describe('by a policy of paths, programs do as natively', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'rsc-policy-'));
  const file = join(folder, 'rules.yaml');
  before(() => {
    writeFileSync(
      file,
      'version: 1\nrules:\n  - {paths: [/work/**, /tmp/**, /etc/passwd, /etc/group], route: remote}\n',
    );
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const flags = ['--policy', file];

  it('a bash script', () =>
    expectSameAsNative({ command: ['bash', 'scripts/everyday.sh'], status: 3, prints: 'trapped', flags }));

  it('python3', () =>
    expectSameAsNative({ command: [python, 'scripts/files.py'], prints: 'copied on write', flags }));

  for (const guest of ['descriptors', 'directories', 'forks', 'paths', 'errnos', 'threads']) {
    it(`the guest program ${guest}`, () => expectSameAsNative({ command: [`guest:${guest}`], flags }));
  }
});

describe('by a policy that sends all that it can, programs do as natively', function () {
  this.timeout(120_000);
  for (const flags of [
    ['--policy', 'all'],
    ['--syscalls', 'all'],
  ]) {
    it(`a bash script under ${flags.join(' ')}`, () =>
      expectSameAsNative({ command: ['bash', 'scripts/everyday.sh'], status: 3, prints: 'trapped', flags }));
  }
});
