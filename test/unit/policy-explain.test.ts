import { expect } from 'chai';
import { RscError } from '@rsc/core/errors';
import { parseCall } from '@rsc/core/policy/call-text';
import { changesBetween } from '@rsc/core/policy/changes';
import { explain, type Circumstances } from '@rsc/core/policy/explain';
import { notesOn, sendsSomething } from '@rsc/core/policy/notes';
import { policyOfPreset, policyOfSet, type Policy, type Rule } from '@rsc/core/policy/policy';

const rules: readonly Rule[] = [
  { paths: ['/data/secret/**'], route: 'deny', errno: 'EACCES', line: 3 },
  { program: ['/usr/bin/git'], syscalls: 'file', route: 'local', line: 6 },
  { paths: ['/data/**'], route: 'remote', line: 9 },
  { origin: 'remote', syscalls: 'write', route: 'deny', errno: 'EROFS', line: 11 },
];
const policy: Policy = { version: 1, rules, default: 'local' };

function outcome(call: string, circumstances: Partial<Circumstances> = {}, by: Policy = policy): string {
  return explain(by, parseCall(call), { directory: '/work', ...circumstances }).outcome;
}

const outcomes: readonly (readonly [
  call: string,
  outcome: string,
  circumstances?: Partial<Circumstances>,
])[] = [
  ['openat("/data/x", O_RDWR)', 'runs on the server'],
  ['openat(AT_FDCWD, "/data/x", O_RDWR|O_CREAT, 0666) = 3', 'runs on the server'],
  ['[pid 4242] openat(AT_FDCWD</work>, "../data/x", O_RDONLY|O_CLOEXEC) = -1 ENOENT', 'runs on the server'],
  ['openat(3</data>, "x", O_RDONLY)', 'runs on the server'],
  ['open("/x", 0)', 'runs here'],
  ['open("x", 0)', 'runs on the server', { directory: '/data' }],
  ['open("/data/x", 0)', 'runs here', { program: '/usr/bin/git' }],
  ['stat("/data/secret/x", NULL)', 'is denied: EACCES (Permission denied)'],
  [
    'stat("/data/../data/./secret", {st_mode=S_IFREG|0644, st_size=1, ...})',
    'is denied: EACCES (Permission denied)',
  ],
  ['stat("/data/\\"quoted\\"\\303\\266\\n", 0x7ffe)', 'runs on the server'],
  [
    'rename("/data/a", "/tmp/a")',
    'is refused: EXDEV (Invalid cross-device link): its paths are on different sides',
  ],
  ['rename("/data/a", "/data/b")', 'runs on the server'],
  ['renameat("/data/a", "/data/secret/b")', 'is denied: EACCES (Permission denied)'],
  ['read(3, "abc"..., 4096) = 3', 'runs where its descriptor is: fd'],
  ['write(3, "x", 1)', 'is denied: EROFS (Read-only file system)', { origin: 'remote' }],
  ['write(3, "x", 1)', 'runs where its descriptor is: fd', { origin: 'local' }],
  ['fstat(3, {st_mode=S_IFREG})', 'runs where its descriptor is: fd'],
  ['newfstatat(3, "", {st_mode=S_IFREG}, AT_EMPTY_PATH)', 'runs where its descriptor is: dirfd'],
  ['sendfile(3, 4, NULL, 10)', 'runs where its descriptors are: out_fd, in_fd'],
  ['poll([{fd=3, events=POLLIN}], 1, -1)', 'runs where its descriptors are: fds'],
  ['getcwd("/data", 100)', 'runs where the working directory is'],
  ['socket(AF_INET, SOCK_STREAM, 0)', 'runs here'],
  ['getpid()', 'runs here'],
  ['umask(022)', 'runs on both sides'],
  ['chroot("/jail")', 'is refused: EPERM: it would change what local paths mean'],
  [
    'io_uring_setup(8, 0x7ffe)',
    'is refused: ENOSYS: calls made through a ring are never seen; programs fall back to plain calls',
  ],
  ['inotify_add_watch(3, "/data/x", IN_MODIFY)', 'runs on the server'],
  ['fanotify_mark(3, 0, 0, 4, "/data/x")', 'is refused: ENOSYS: remote files cannot be watched yet'],
  ['fcntl(3, F_GETFD)', 'runs here'],
  [
    'execve("/data/tool", ["tool", "a,b)"], 0x7ffe /* 20 vars */)',
    'runs here: execve is never sent to the server',
  ],
  ['unlink("/data/tool")', 'runs here', { program: '/data/tool' }],
];

describe('an explanation of a call', () => {
  for (const [call, expected, circumstances] of outcomes) {
    const by = Object.entries(circumstances ?? {})
      .map(([key, value]) => `${key} ${value}`)
      .join(', ');
    it(`says that ${call.slice(0, 50)} ${expected.slice(0, 40)}${by && ` (${by})`}`, () => {
      expect(outcome(call, circumstances)).to.equal(expected);
    });
  }

  it('says of a call that only its own name sends, if that was named', () => {
    const by = (list: string) => outcome('getpid()', {}, policyOfSet(list));

    expect([by('all'), by('getpid')]).to.deep.equal([
      'runs here: only a rule that has getpid by its own name sends it',
      'runs on the server',
    ]);
  });

  it('takes escapes for bytes, and what is not escaped for text', () => {
    const by: Policy = { version: 1, rules: [{ paths: ['/ö/ü'], route: 'remote' }], default: 'local' };

    expect(outcome('stat("/\\303\\266/ü", NULL)', {}, by)).to.equal('runs on the server');
  });

  it('names the rule that decides, and those that nearly did', () => {
    const { reasons } = explain(policy, parseCall('openat("/data/x", O_RDWR)'), { directory: '/' });

    expect(reasons.map(({ decides, nearly }) => ({ decides, nearly }))).to.deep.equal([
      {
        decides: { name: 'rule 3 (line 9)', text: 'remote: paths /data/**' },
        nearly: [
          {
            name: 'rule 1 (line 3)',
            text: 'deny EACCES: paths /data/secret/**',
            why: 'its paths do not match /data/x',
          },
          {
            name: 'rule 2 (line 6)',
            text: 'local: syscalls file; program /usr/bin/git',
            why: 'it is for a program, and none was given (--program)',
          },
        ],
      },
    ]);
  });

  it('names the default-local path that keeps a call here', () => {
    const { reasons } = explain(policyOfPreset('file'), parseCall('stat("/usr/bin/x")'), { directory: '/' });

    expect(reasons[0]?.stays).to.deep.equal({
      path: '/usr',
      why: 'programs and shared libraries run here',
    });
  });

  const mistakes: readonly (readonly [call: string, message: string, suggestion: string])[] = [
    ['opnat("/x")', 'cannot explain opnat: there is no such system call', 'did you mean openat?'],
    ['openat', 'cannot explain openat: it is not NAME(ARGUMENT, ...)', 'openat("/data/x", O_RDWR)'],
    ['open("/x"', 'cannot explain open("/x": its ) is missing', 'write it as strace prints it'],
    ['open("/x)', 'cannot explain open("/x): a " is not closed', 'write it as strace prints it'],
    ['open("/x"..., 0)', 'cannot explain open("/x"..., 0): its pathname is cut off', 'strace -s 4096'],
    ['open(/x, 0)', 'cannot explain open(/x, 0): its pathname is no text in quotes', '"/x"'],
    [
      'open("/x", O_RDWD)',
      'cannot explain open("/x", O_RDWD): "O_RDWD" is no flag of its flags',
      'did you mean O_RDWR?',
    ],
    ['read(x, "", 1)', 'cannot explain read(x, "", 1): its fd is no descriptor', 'a number'],
    ['getpid(1)', 'cannot explain getpid(1): getpid has 0 arguments', 'rsc syscalls getpid'],
    [
      'openat(3, "x", O_RDONLY)',
      'cannot explain the call: "x" is relative to descriptor 3, whose path is not known',
      '3</its/path>, as strace -y prints it',
    ],
    ['stat()', 'cannot explain the call: its pathname is missing', 'write the path in quotes'],
  ];
  for (const [call, message, suggestion] of mistakes) {
    it(`refuses ${call}`, () => {
      expect(() => outcome(call))
        .to.throw(RscError, message)
        .with.property('suggestion', suggestion);
    });
  }
});

describe('notes on a policy', () => {
  it('name sets and calls that are not sent', () => {
    const notes = notesOn({
      version: 1,
      default: 'local',
      rules: [
        { syscalls: 'file,net,!socket', route: 'remote', line: 4 },
        { syscalls: 'connect,chroot,getpid,read', route: 'remote', line: 7 },
        { syscalls: 'net', route: 'deny', errno: 'EPERM' },
      ],
    });

    expect(notes).to.deep.equal([
      'rule 1 (line 4): no call of net is sent to the server: they run here, or where their descriptor is',
      'rule 2 (line 7): connect is never sent to the server: it runs here',
      'rule 2 (line 7): chroot is not run where it would be remote: EPERM: it would change what local paths mean',
    ]);
  });

  it('name the sets that all does not send', () => {
    expect(notesOn(policyOfPreset('all'))).to.deep.equal([
      'rule 1 of preset all: no call of ipc, memory, net, process, signal or time is sent to the server: they run here, or where their descriptor is',
    ]);
  });

  it('tell policies apart by whether they send something', () => {
    const policies = [
      policyOfPreset('net'),
      policyOfSet('read'),
      policyOfSet('getpid'),
      policyOfPreset('dev'),
    ];

    expect(policies.map(sendsSomething)).to.deep.equal([false, false, true, true]);
  });
});

describe('the changes between policies', () => {
  it('are those of their lines, in order', () => {
    const rule = (path: string): Rule => ({ paths: [path], route: 'local' });
    const of = (...paths: readonly string[]): Policy => ({
      version: 1,
      default: 'local',
      rules: paths.map(rule),
    });

    expect(
      changesBetween(of('/a', '/b', '/c'), of('/b', '/x', '/c')).map(({ kind, text }) => `${kind} ${text}`),
    ).to.deep.equal([
      'removed local: paths /a',
      'same local: paths /b',
      'added local: paths /x',
      'same local: paths /c',
      'same local: what no rule matches',
    ]);
  });
});
