import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { native } from '@rsc/addon';
import type { Diagnosis } from '@rsc/core/doctor/diagnosis';
import { Notification, ProgramType } from '@rsc/core/doctor/machine';
import { chooseEngine, attachChoices, claimsSurely } from '@rsc/core/tracer/choice';
import { plainEnv, run, type Ending } from './ending';
import { startFakeServer, welcome } from './fake-server';
import { guest, rscProgram } from './places';
import { startServer } from './server';
import { complaint } from './untouched-root';

const doctor = (...args: string[]): string[] => [process.execPath, rscProgram, 'doctor', ...args];

interface Told {
  readonly status: number;
  readonly diagnosis: Diagnosis;
}

async function told(command: readonly string[]): Promise<Told> {
  const { stdout, stderr, status } = await run(command);
  expect(stderr).to.equal('');
  return { status, diagnosis: JSON.parse(stdout) as Diagnosis };
}

function fact({ diagnosis }: Told, name: string): { allowed: boolean; means: string } {
  const found = diagnosis.facts.find((each) => each.name === name);
  if (found === undefined) throw new Error(`nothing was said of ${name}`);
  return { allowed: found.allowed, means: found.means };
}

function setting(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

/** What rsc attach takes here. */
const vetoesExactly = process.getuid?.() === 0 && native().probeClaims(['__x64_sys_openat']) === 0;
const attached = attachChoices[vetoesExactly && claimsSurely(release()) ? 'ebpf' : 'ptrace'];

describe('rsc doctor', function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rsc-doctor-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  describe('of this machine', () => {
    const expected = chooseEngine('auto', release());
    let here: Told;
    before(async () => (here = await told(doctor('--json'))));

    it('says that rsc run works, as it does', () => {
      const { engine, reason } = here.diagnosis;
      expect([here.status, engine, reason]).to.deep.equal([0, expected.engine, expected.because]);
    });

    it('knows the kernel and the processor as uname does', () => {
      const uname = (option: string): string => execFileSync('uname', [option], { encoding: 'utf8' }).trim();
      expect([fact(here, 'kernel'), fact(here, 'processor')]).to.deep.equal([
        { allowed: true, means: `${uname('-r')}; rsc needs 5.12 or newer` },
        { allowed: true, means: `${uname('-m')}, as rsc needs` },
      ]);
    });

    it('has tried what every machine that runs the tests allows', () => {
      const tried = ['seccomp filter', 'ptrace', 'process_vm_readv', 'no other tracer'];
      expect(tried.map((name) => fact(here, name).allowed)).to.deep.equal([true, true, true, true]);
    });

    it('knows the settings of the kernel', () => {
      const scope = setting('/proc/sys/kernel/yama/ptrace_scope') ?? 'this kernel has no Yama';
      const bpf = setting('/proc/sys/kernel/unprivileged_bpf_disabled');
      expect(fact(here, 'yama ptrace_scope').means.startsWith(scope)).to.equal(true);
      expect(fact(here, 'eBPF without privilege').allowed).to.equal(bpf === '0');
      expect(fact(here, 'BTF').allowed).to.equal(existsSync('/sys/kernel/btf/vmlinux'));
    });

    it('knows the capabilities as capsh and setpriv would', () => {
      const bits = BigInt(
        `0x${/^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`,
      );
      const names = [
        ['CAP_SYS_PTRACE', 19n],
        ['CAP_SYS_ADMIN', 21n],
      ] as const;
      for (const [name, bit] of names) {
        expect(fact(here, name).allowed, name).to.equal(((bits >> bit) & 1n) === 1n);
      }
    });

    it('knows of user namespaces what unshare finds', async () => {
      const identity = process.getuid?.() === 0 ? { uid: 65534 } : {};
      const { status } = await run(['unshare', '--user', '--map-current-user', 'true'], identity);
      expect(fact(here, 'user namespaces').allowed).to.equal(status === 0);
    });

    it('says the same for people, a line for each', async () => {
      const { stdout, status } = await run(doctor());
      const lines = stdout.split('\n');
      expect(status).to.equal(0);
      expect(lines.filter((line) => /^(yes|no ) {2}/.test(line))).to.have.length(here.diagnosis.facts.length);
      expect(lines.slice(-4)).to.deep.equal([
        '',
        `rsc run works here, by ${expected.engine}: ${expected.because}`,
        `rsc attach works here, by ${attached.engine}: ${attached.because}`,
        '',
      ]);
    });
  });

  it('leaves no process and no descriptor behind', () => {
    const machine = native();
    const left = (): unknown => ({
      descriptors: readdirSync('/proc/self/fd').length,
      children: readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8'),
    });
    const before = left();

    machine.probeFilter();
    for (const step of Object.values(Notification)) machine.probeNotification(step);
    machine.probeSeize();
    machine.probeMemory();
    machine.probeDescriptor();
    machine.probeNamespaces(65534, 65534, true);
    for (const type of Object.values(ProgramType)) machine.probeProgram(type);
    machine.probeVsock();
    machine.probeVsockLoopback();
    machine.vsockCid();

    expect(left()).to.deep.equal(before);
  });

  it('says that rsc run does not work where ptrace is forbidden', async () => {
    const there = await told([guest('refuse'), 'ptrace', ...doctor('--json')]);
    expect([there.status, there.diagnosis.engine, there.diagnosis.reason]).to.deep.equal([
      125,
      null,
      'rsc cannot stop programs: ptrace returned EPERM',
    ]);
  });

  it('names the tracer that rsc is run under', async () => {
    const log = join(folder, 'strace');
    const there = await told(['strace', '-f', '-o', log, ...doctor('--json')]);
    expect(there.diagnosis.reason).to.equal('rsc cannot stop programs: ptrace returned EPERM');
    expect(fact(there, 'no other tracer').means).to.match(/^process \d+ traces rsc; /);
  });

  it('says that a server needs root where namespaces are forbidden', async () => {
    const there = await told([guest('refuse'), 'namespaces', ...doctor('--json')]);
    expect([there.status, fact(there, 'user namespaces')]).to.deep.equal([
      0,
      { allowed: false, means: 'rsc serve, and --embedded, need root: unshare returned EPERM' },
    ]);
  });

  describe('of a server', () => {
    const words = async (command: readonly string[], env: NodeJS.ProcessEnv = plainEnv): Promise<string> => {
      const { stdout, status } = await run(command, { env });
      const [line = '', next = ''] = stdout.split('\n').slice(-6);
      return [status, /server +(.*)/.exec(`${line}\n${next}`)?.[1]].join(' ');
    };

    it('says that it opens sessions, and leaves none open', async () => {
      const server = await startServer(folder);
      try {
        const says = `0 ${server.url} opens sessions, with protocol version 1 on x86_64`;
        expect(await words(doctor('--server', server.url))).to.equal(says);
        expect(await words(doctor(), { ...plainEnv, RSC_SERVER: server.url })).to.equal(says);
      } finally {
        // Ends with its last session.
        await server.stop();
      }
    });

    it('says that there is none', async () => {
      const { url, close } = await startFakeServer();
      await close();
      expect(await words(doctor('--server', url))).to.equal(
        `125 cannot connect to ${url}: connect returned ECONNREFUSED`,
      );
    });

    it('says that a host has no address', async () => {
      expect(await words(doctor('--server', 'tcp://host.invalid:1'))).to.equal(
        '125 cannot connect to tcp://host.invalid:1: the name host.invalid has no address',
      );
    });

    for (const [title, answer, reason] of [
      ['another version', welcome(2, 'x86_64'), 'it speaks protocol version 2, and rsc here 1'],
      ['another architecture', welcome(1, 'aarch64'), 'it runs on aarch64, and rsc here on x86_64'],
    ] as const) {
      it(`says that it has ${title}`, async () => {
        const { url, close } = await startFakeServer(answer);
        try {
          expect(await words(doctor('--server', url))).to.equal(
            `125 cannot open a session with ${url}: ${reason}`,
          );
        } finally {
          await close();
        }
      });
    }

    it('gives it the token that it asks for', async () => {
      const token = join(folder, 'token');
      writeFileSync(token, 'open sesame\n');
      const server = await startServer(folder, { options: ['--token-file', token] });
      try {
        expect(await words(doctor('--server', server.url, '--token-file', token))).to.match(/^0 .* opens/);
        expect(await words(doctor('--server', server.url))).to.match(/^125 .*asks for a token/);
      } finally {
        await server.stop();
      }
    });

    const mistakes: readonly (readonly [title: string, options: string[], ending: Ending])[] = [
      [
        'an address of no known form',
        ['--server', 'pigeon://loft'],
        {
          stdout: '',
          stderr: complaint(
            'cannot use the address pigeon://loft: it is not of a known form',
            'write tcp://host:port, unix:///path, vsock://cid:port or vsock+unix:///path:port',
          ),
          status: 2,
        },
      ],
      [
        'a token file that cannot be read',
        ['--server', 'tcp://127.0.0.1:1', '--token-file', '/nowhere/token'],
        {
          stdout: '',
          stderr: complaint(
            'cannot read a token from /nowhere/token: ENOENT',
            'name a file with the token in its first line',
          ),
          status: 125,
        },
      ],
    ];
    for (const [title, options, ending] of mistakes) {
      it(`refuses ${title}`, async () => {
        expect(await run(doctor(...options))).to.deep.equal(ending);
      });
    }
  });
});
