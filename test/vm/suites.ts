import { join } from 'node:path';

/** The kernels of Debian that `test/vm/prepare` fetches. */
export const kernels = ['6.1', '7.2'] as const;
export type Kernel = (typeof kernels)[number];

/** Tests that run in one VM. All suites of a kernel run at the same time. */
export interface Suite {
  readonly title: string;
  /** The kernels that it is for. */
  readonly on: readonly Kernel[];
  /** Test files, from test/e2e. */
  readonly files: readonly string[];
  /** Of the environment that the tests see. */
  readonly env?: Readonly<Record<string, string>>;
  /** What of the files is not run, by full titles. */
  readonly without: readonly RegExp[];
  /** What is run only with VM=all, because a run of rsc takes seconds where the processor is emulated. */
  readonly slow: readonly RegExp[];
}

/** What is not the same on a kernel as natively, and is known, by full titles. */
const differences: Readonly<Record<Kernel, readonly RegExp[]>> = {
  '6.1': [
    // A write to a pipe whose memory is missing in part ends natively at a whole page, and under rsc at the last byte that
    // is there, as it does natively on younger kernels.
    / holes: /,
    // A name for a file of O_TMPFILE, by linkat with AT_EMPTY_PATH: before 6.10 it takes CAP_DAC_READ_SEARCH.
    / unusual-opens: /,
    // Calls themselves can be modified since 7.2 or so; before, security hooks only.
    /the exact veto/,
  ],
  '7.2': [],
};

/** What takes minutes in a VM: rounds that look for races, and the compiler of Go. */
const tooLong = [/busy, \d+ times/, /ends meanwhile, \d+ times/, /static program in Go/];

/** Suites by the name that the program in the VM is given. */
export const suites: Readonly<Record<string, Suite>> = {
  run: {
    title: 'rsc run',
    files: ['guests'],
    on: kernels,
    without: [/with the engine (seccomp|ptrace|hybrid|ebpf)/],
    slow: [/ auto (?!forks|own-filter|seldom-called)/],
  },
  engine: {
    title: 'the engine ebpf',
    on: kernels,
    files: [
      ...['guests', 'unmatched', 'attach-stops', 'live', 'terminal'],
      ...['killed', 'killed-server', 'attach-killed', 'attach-lost', 'attach', 'attach-states'],
    ],
    env: { RSC_TEST_ENGINE: 'ebpf' },
    without: [
      ...tooLong,
      /^a server that is killed/,
      /with the engine (auto|seccomp|ptrace|hybrid)/,
      /hybrid: at/,
      /, natively /,
      /under rsc (?!with)/,
      /^a session that runs (?!follows one policy.*ebpf)/,
    ],
    slow: [
      / boots\) (?!descriptors|interrupted:|signals:)/,
      /ebpf: at/,
      /that only look/,
      /rsc that is killed|server is killed/,
      /^a busy process that rsc has attached/,
      /^a session that runs/,
      /^rsc attach (?!takes a process in any state in a handler)/,
      /in a terminal|exit status and signals/,
    ],
  },
  attach: {
    title: 'rsc doctor, rsc attach and its engine',
    on: kernels,
    files: ['doctor', 'attach', 'attach-states', 'attach-refused', 'attach-lost', 'guests'],
    without: [...tooLong, /with the engine (auto|seccomp|hybrid|ebpf)/],
    slow: [
      / ptrace (?!forks|interrupted|own-filter)/,
      /rsc doctor (of a server|names|says)/,
      /rsc attach (ends|begins|lets|answers EIO|says|leaves what)/,
      /rsc attach moves the file calls of (a shell loop|node)/,
      /what is no process id|a time that is none|a process that does not exist|has ended|a thread|in a handler/,
    ],
  },
  vsock: {
    title: 'rsc run and its server over vsock',
    on: ['6.1'],
    files: [
      '../contract/server',
      ...['guests', 'programs', 'where', 'faults', 'exec-remote', 'policy'],
      ...['lost-server', 'killed', 'killed-server', 'terminal', 'terminal-programs'],
    ],
    env: { RSC_TEST_TRANSPORT: 'vsock' },
    without: [
      /a server over (?!vsock )/,
      /a server that cannot start/,
      /with the engine (seccomp|ptrace|hybrid|ebpf)/,
      /and by the engine hybrid/,
      ...tooLong,
      /, natively /,
    ],
    slow: [
      / auto (?!interrupted:)/,
      /megabytes/,
      /^everyday programs.* in the same root (?!find selects|sort reads)/,
      /^what is remote .* what is local is local (?!reads a file|says why|serves several)/,
      /^programs that fill a terminal, under rsc (?!less follows)/,
      /^a server that is killed/,
      // The rest of these files.
      /^(?!a server|rsc|guest|everyday|what is remote|programs that fill|the connection|on a lost|lost)/,
    ],
  },
  claims: {
    title: 'the eBPF programs and their vetoes',
    on: kernels,
    files: ['claims', 'claims-left', 'keeper', 'vetoes', 'effects'],
    without: [],
    slow: [
      /a call that is claimed (?!has the result|is none the less|is one as the longest|is told by SIGSTOP where the)/,
      /^the keeper .*bpftool\) (has ended|changes nothing)/,
      /leaves no effect here/,
    ],
  },
};

/** The names of the suites for a kernel. */
export function suitesFor(kernel: Kernel): string[] {
  return Object.keys(suites).filter((name) => suites[name]?.on.includes(kernel));
}

/** The files of a suite, as they are built. */
export function filesOf(suite: Suite): string[] {
  return suite.files.map((name) => join(__dirname, `../e2e/${name}.test.js`));
}

/** What the full titles of the tests look like that are part of a suite on a kernel. */
export function patternOf({ without, slow }: Suite, kernel: Kernel, all: boolean): RegExp {
  const left = [...without, ...differences[kernel], ...(all ? [] : slow)];
  if (left.length === 0) return /^/;
  return new RegExp(`^(?!.*(?:${left.map(({ source }) => source).join('|')}))`);
}
