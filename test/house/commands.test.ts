import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const checkout = join(__dirname, '../../..');
const programs = {
  rsc: join(checkout, 'packages/cli/bin/rsc.js'),
  'rsc-server': join(checkout, 'packages/server/bin/rsc-server.js'),
};

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

const plainEnv = { PATH: process.env['PATH'], HOME: '/nonexistent' };

function run(program: keyof typeof programs, ...args: readonly string[]): Outcome {
  return runIn(plainEnv, program, ...args);
}

function runIn(env: NodeJS.ProcessEnv, program: keyof typeof programs, ...args: readonly string[]): Outcome {
  const { stdout, stderr, status } = spawnSync(process.execPath, [programs[program], ...args], {
    env,
    encoding: 'utf8',
    timeout: 15_000,
  });
  return { stdout, stderr, status };
}

function versionOf(manifest: string): string {
  return (JSON.parse(readFileSync(join(checkout, manifest), 'utf8')) as { version: string }).version;
}

const read = `read(fd, buf, count)
  number   0 on x86_64, 63 on aarch64
  sets     desc
  support  remote
  fd       descriptor
  buf      count bytes, out
  count    unsigned 64 bits
  returns  bytes in buf
  runs     where fd is
`;

describe('the programs', () => {
  it('print their versions', () => {
    expect([run('rsc', '--version'), run('rsc-server', '--version')]).to.deep.equal([
      { stdout: `rsc ${versionOf('packages/cli/package.json')}\n`, stderr: '', status: 0 },
      { stdout: `rsc-server ${versionOf('packages/server/package.json')}\n`, stderr: '', status: 0 },
    ]);
  });

  it('say all that is known of a system call', () => {
    expect(run('rsc', 'syscalls', 'read')).to.deep.equal({ stdout: read, stderr: '', status: 0 });
  });

  it('list the calls of a set', () => {
    const { stdout } = run('rsc', 'syscalls', '--set', 'time,!adjtimex');

    expect(stdout)
      .to.match(/^ {2}clock_gettime +/m)
      .and.not.match(/adjtimex|openat/);
  });

  it('give the same calls as JSON', () => {
    const { stdout } = run('rsc', 'syscalls', 'read', '--json');

    expect(JSON.parse(stdout)).to.include({ name: 'read', support: 'remote', runs: 'where fd is' });
  });

  it('list the paths that stay here, and why', () => {
    expect(run('rsc', 'syscalls', '--local-paths').stdout.split('\n')[0]).to.match(/^ {2}\/bin {2,}\S/);
    const { stdout } = run('rsc', 'syscalls', '--local-paths', '--exec', 'remote');
    expect(stdout.match(/^ *\S+/gm)).to.deep.equal(['  /dev', '  /proc', '  /sys']);
  });

  it('show what a run does by itself', () => {
    expect(run('rsc', 'policy', 'show')).to.deep.equal({
      stdout: `no policy is active: rsc run sends the set file
  1          remote  syscalls file
  otherwise  local   what no rule matches
`,
      stderr: '',
      status: 0,
    });
  });

  it('show the default-local paths as rules', () => {
    expect(run('rsc', 'policy', 'show', 'file', '--defaults').stdout).to.match(
      /^ {2}default +local +paths \/usr and below: programs /m,
    );
  });

  it('show a policy as JSON', () => {
    const { stdout } = run('rsc', 'policy', 'show', 'net', '--json');

    expect(JSON.parse(stdout)).to.deep.equal({
      name: 'preset net',
      preset: 'net',
      default: 'local',
      rules: [{ number: 'net 1', syscalls: 'net', route: 'remote' }],
      notes: [
        'rule 1 of preset net: no call of net is sent to the server: they run here, or where their descriptor is',
      ],
    });
  });

  it('tell all mistakes of a policy at once', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rsc-policy-'));
    const file = join(folder, 'rules.yaml');
    writeFileSync(file, 'version: 1\nrules:\n  - {syscalls: opnat, route: remot}\n');
    const outcomes = [
      run('rsc', 'policy', 'check', file),
      run('rsc', 'policy', 'show', file),
      run('rsc', 'run', '--embedded', '/nowhere', '--policy', file, 'echo'),
    ];
    rmSync(folder, { recursive: true });

    expect(outcomes).to.deep.equal(
      Array(3).fill({
        stdout: '',
        stderr: `rsc: cannot use ${file} as a policy: 2 mistakes
${file}:3:16: expected a system call or a set, found "opnat"
  try: openat
${file}:3:30: expected remote, local or deny, found "remot"
  try: route: remote
`,
        status: 2,
      }),
    );
  });

  const helped = [
    'run',
    'serve',
    'syscalls',
    'doctor',
    'ps',
    'detach',
    'attach',
    'policy check',
    'policy explain',
    'policy load',
    'policy show',
    'policy unload',
  ];
  for (const command of helped) {
    it(`has examples in the help of rsc ${command}`, () => {
      const { stdout, stderr, status } = run('rsc', ...command.split(' '), '--help');

      expect({ stderr, status }).to.deep.equal({ stderr: '', status: 0 });
      expect(stdout)
        .to.match(/^EXAMPLES$/m)
        .and.match(new RegExp(`\\$ rsc ${command}`));
    });
  }

  it('has examples in the help of rsc-server', () => {
    const { stdout, status } = run('rsc-server', '--help');

    expect({ status }).to.deep.equal({ status: 0 });
    expect(stdout).to.match(/^EXAMPLES$/m);
  });

  it('leave the flags of a program that rsc runs to it, --help too', () => {
    const { stdout, status } = run(
      'rsc',
      'run',
      '--embedded',
      tmpdir(),
      'sh',
      '-c',
      'echo "$@"',
      'sh',
      '--help',
      '--',
      '-x',
    );

    expect({ stdout, status }).to.deep.equal({ stdout: '--help -- -x\n', status: 0 });
  });

  it('let --embedded win over RSC_SERVER', () => {
    const env = { ...plainEnv, RSC_SERVER: 'tcp://127.0.0.1:1' };

    expect(runIn(env, 'rsc', 'run', '--embedded', tmpdir(), 'echo', 'here')).to.deep.equal({
      stdout: 'here\n',
      stderr: '',
      status: 0,
    });
  });

  it('take the server from RSC_SERVER', () => {
    const env = { ...plainEnv, RSC_SERVER: 'tcp://127.0.0.1:1' };

    expect(runIn(env, 'rsc', 'run', 'echo').stderr).to.match(
      /^rsc: cannot connect to tcp:\/\/127\.0\.0\.1:1: /,
    );
  });

  const mistakes: readonly [line: string, message: string, suggestion: string, status: number][] = [
    ['rsc frobnicate', 'command frobnicate not found', 'rsc --help', 2],
    ['rsc run', 'no program to run was given', 'rsc run --help', 2],
    ['rsc run --frob ls', 'nonexistent flag: --frob', 'rsc run --help', 2],
    ['rsc run --cwd /a --cwd /b ls', 'flag --cwd can only be specified once', 'rsc run --help', 2],
    [
      'rsc run --server tcp://a:1 --embedded /tmp ls',
      '--embedded=/tmp cannot also be provided when using --server',
      'rsc run --help',
      2,
    ],
    ['rsc run --cwd', 'flag --cwd expects a value', 'rsc run --help', 2],
    ['rsc serve', 'missing required flag root', 'rsc serve --help', 2],
    [
      'rsc serve --root /nowhere',
      'cannot serve /nowhere: no such directory',
      'name an existing directory, which sessions shall see as /',
      125,
    ],
    [
      'rsc serve --root / --max-sessions 0',
      'cannot take 0 sessions: it is not a positive whole number',
      '--max-sessions 64',
      2,
    ],
    [
      'rsc serve --root / --listen pigeon://loft',
      'cannot use the address pigeon://loft: it is not of a known form',
      'write tcp://host:port, unix:///path, vsock://cid:port or vsock+unix:///path:port',
      2,
    ],
    [
      'rsc serve --root / --listen tcp://0.0.0.0:7070',
      'cannot listen on tcp://0.0.0.0:7070 without a token: other machines can reach it',
      'give a token with --token-file FILE, or listen on tcp://127.0.0.1:7070',
      125,
    ],
    ['rsc syscalls opnat', 'cannot describe opnat: there is no such system call', 'rsc syscalls openat', 2],
    ['rsc policy frob', 'command policy frob not found', 'rsc --help', 2],
    ['rsc policy check', 'no policy was named', 'rsc policy check --help', 2],
    ['rsc policy load', 'no policy was named', 'rsc policy load --help', 2],
    ['rsc policy explain', 'no call was given', 'rsc policy explain --help', 2],
    [
      'rsc policy check /nowhere',
      'cannot read a policy from /nowhere: ENOENT',
      'name a file as docs/policy.md describes it, or a preset: file, net, all, dev',
      125,
    ],
    [
      'rsc run --policy file --syscalls file ls',
      '--policy=file cannot also be provided when using --syscalls',
      'rsc run --help',
      2,
    ],
    ['rsc-server', 'cannot serve without a root', '--root DIR', 2],
    [
      'rsc-server --root /nowhere',
      'cannot serve /nowhere: no such directory',
      'name an existing directory, which sessions shall see as /',
      125,
    ],
    [
      'rsc-server --root / --token-file /nowhere',
      'cannot read a token from /nowhere: ENOENT',
      'name a file with the token in its first line',
      125,
    ],
  ];
  for (const [line, message, suggestion, status] of mistakes) {
    it(`refuse: ${line}`, () => {
      const [program = '', ...args] = line.split(' ');

      expect(run(program as keyof typeof programs, ...args)).to.deep.equal({
        stdout: '',
        stderr: `${program}: ${message}\n  try: ${suggestion}\n`,
        status,
      });
    });
  }
});
