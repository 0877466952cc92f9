import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { numberOf, rowFor } from '@rsc/core/abi/lookup';
import { printCall, type ReadMemory } from '@rsc/core/abi/print';

/** A call as a test tells it: the memory that it points to is laid at the addresses that it names. */
interface Told {
  readonly args: readonly bigint[];
  readonly result: bigint;
  readonly memory?: ReadonlyMap<bigint, Buffer>;
}

function readerOf(memory: ReadonlyMap<bigint, Buffer> = new Map()): ReadMemory {
  return (addr, length) => {
    for (const [start, bytes] of memory) {
      const offset = addr - start;
      if (offset >= 0n && offset < BigInt(bytes.length))
        return bytes.subarray(Number(offset), Number(offset) + length);
    }
    return Buffer.alloc(0);
  };
}

function printed(number: number, { args, result, memory }: Told): string {
  const found = rowFor('x86_64', number, (index) => args[index] ?? 0n);
  if (found === undefined) throw new Error(`no row for call ${number}`);
  return printCall({ ...found, args, result }, readerOf(memory));
}

function printedByName(name: string, told: Told): string {
  return printed(numberOf('x86_64', name), told);
}

const at = 0x1000n;
const text = (latin1: string) => new Map([[at, Buffer.from(`${latin1}\0`, 'latin1')]]);

const rows: [line: string, name: string, told: Told][] = [
  [
    'openat(AT_FDCWD, "/data/x", O_RDONLY|O_CLOEXEC) = 3',
    'openat',
    { args: [0xffffff9cn, at, 0o2000000n, 0o777n], result: 3n, memory: text('/data/x') },
  ],
  [
    'open("f", O_WRONLY|O_CREAT|O_TRUNC, 0644) = -1 EACCES (Permission denied)',
    'open',
    { args: [at, 0o1101n, 0o644n], result: -13n, memory: text('f') },
  ],
  ['open(0x1000, O_RDONLY) = -1 EFAULT (Bad address)', 'open', { args: [at], result: -14n }],
  ['read(3, "abc", 4096) = 3', 'read', { args: [3n, at, 4096n], result: 3n, memory: text('abc') }],
  ['read(3, 0x1000, 4096) = -1 EIO (Input/output error)', 'read', { args: [3n, at, 4096n], result: -5n }],
  ['read(3, NULL, 0) = 0', 'read', { args: [3n, 0n, 0n], result: 0n }],
  [
    `write(1, "${'a'.repeat(32)}"..., 33) = 33`,
    'write',
    { args: [1n, at, 33n], result: 33n, memory: text('a'.repeat(33)) },
  ],
  [
    'setxattrat(3, "f", 0, "f", {value="v", size=1, flags=0}, 16) = 0',
    'setxattrat',
    {
      args: [3n, at, 0n, at, 0x2000n, 16n],
      result: 0n,
      memory: new Map([
        [at, Buffer.from('f\0')],
        [0x2000n, Buffer.from([0, 0x30, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])],
        [0x3000n, Buffer.from('v')],
      ]),
    },
  ],
  ['exit_group(1) = ?', 'exit_group', { args: [1n], result: 0n }],
  ['umask(077) = 022', 'umask', { args: [0o77n], result: 0o22n }],
  ['brk(NULL) = 0x5555000', 'brk', { args: [0n], result: 0x5555000n }],
  [
    'read(0, 0x1000, 1) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)',
    'read',
    { args: [0n, at, 1n], result: -512n },
  ],
  [
    'clone(CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, NULL, NULL, 0x1000, NULL) = 7',
    'clone',
    { args: [0x1200011n, 0n, 0n, at, 0n], result: 7n },
  ],
  [
    'ioctl(3, _IOC(_IOC_READ, 0x58, 0x7d, 0x10), 0x1000) = 0',
    'ioctl',
    { args: [3n, 0x8010587dn, at], result: 0n },
  ],
  ['fcntl(3, 0x7777 /* F_??? */, NULL) = 0', 'fcntl', { args: [3n, 0x7777n, 0n], result: 0n }],
];

describe('printing a system call', () => {
  for (const [line, name, told] of rows) {
    it(`prints ${line.slice(0, 66)}`, () => {
      expect(printedByName(name, told)).to.equal(line);
    });
  }

  it('prints a call that has not come back', () => {
    const { row } = rowFor('x86_64', numberOf('x86_64', 'fsync'), () => 0n) ?? {};
    if (row === undefined) throw new Error('fsync has no row');
    expect(printCall({ name: 'fsync', row, args: [3n], result: undefined }, readerOf())).to.equal(
      'fsync(3) = ?',
    );
  });

  it('shows as many bytes as it is told to', () => {
    const { row } = rowFor('x86_64', numberOf('x86_64', 'write'), () => 0n) ?? {};
    if (row === undefined) throw new Error('write has no row');
    const call = { name: 'write', row, args: [1n, at, 9n], result: 9n };
    expect(printCall(call, readerOf(text('123456789')), { limit: 4 })).to.equal('write(1, "1234"..., 9) = 9');
  });

  it('names the flags of the architecture that the call was made on', () => {
    const { row } = rowFor('aarch64', numberOf('aarch64', 'openat'), () => 0n) ?? {};
    if (row === undefined) throw new Error('openat has no row');
    const call = { name: 'openat', row, args: [3n, at, 0o40000n], result: 4n };
    expect(printCall(call, readerOf(text('d')), { arch: 'aarch64' })).to.equal(
      'openat(3, "d", O_RDONLY|O_DIRECTORY) = 4',
    );
  });
});

function missingTools(): string | undefined {
  const missing = ['gcc', 'strace'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
  return missing.length === 0 ? undefined : `apt-get install ${missing.join(' ')}`;
}

/** Runs abi-print.c under strace: what strace printed, and what the program told of its calls. */
function traced(): { readonly lines: string[]; readonly told: string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'rsc-print-'));
  try {
    const program = join(directory, 'program');
    execFileSync('gcc', ['-w', '-O0', '-o', program, join(__dirname, '../../unit/abi-print.c')]);
    const work = join(directory, 'work');
    mkdirSync(work);
    const report = openSync(join(directory, 'report'), 'w');
    const log = join(directory, 'log');
    const seen = 'trace=!process_vm_readv,getpid,brk';
    const options = ['-qq', '-a', '0', '-e', 'signal=none', '-e', seen, '-o', log];
    execFileSync('strace', [...options, program], {
      cwd: work,
      stdio: ['ignore', 'ignore', 'inherit', ...Array<'ignore'>(6).fill('ignore'), report],
    });
    closeSync(report);
    const lines = readFileSync(log, 'latin1').trimEnd().split('\n');
    const [first, last] = [lines.findIndex(isMark), lines.findLastIndex(isMark)];
    return {
      lines: lines.slice(first, last + 1),
      told: readFileSync(join(directory, 'report'), 'latin1').trimEnd().split('\n'),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function isMark(line: string): boolean {
  return line.startsWith('getppid(');
}

function printedAsTold(line: string): string {
  const [number = '', result = '', ...rest] = line.split(' ');
  const args = rest.slice(0, 6).map((word) => BigInt(`0x${word}`));
  const memory = new Map(
    rest.slice(6).map((region) => {
      const [addr = '', hex = ''] = region.split(':');
      return [BigInt(`0x${addr}`), Buffer.from(hex, 'hex')];
    }),
  );
  return printed(Number(number), { args, result: BigInt(result), memory });
}

/** Without what strace adds to a call: how many entries, which date, what a poll found, the flags of F_GETFL. */
function bare(line: string): string {
  return line.replace(/ \/\* (\d+ entries|\d{4}-\S+) \*\//g, '').replace(/^(.* = (?!-1 )\S+) \(.*\)$/, '$1');
}

describe('printing the calls of a program', function () {
  this.timeout(20_000);
  const cure = missingTools();
  if (cure !== undefined) {
    it(`prints what strace prints (needs: ${cure})`);
    return;
  }

  it('prints what strace prints', () => {
    const { lines, told } = traced();
    expect(told.map(printedAsTold).map(bare)).to.deep.equal(lines.map(bare));
  });
});
