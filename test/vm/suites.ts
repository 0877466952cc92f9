import { join } from 'node:path';

/** The kernels of Debian that `test/vm/prepare` fetches. */
export const kernels = ['6.1'] as const;

/** Tests that run in one VM. All suites run at the same time. */
export interface Suite {
  readonly title: string;
  /** Test files of test/e2e. */
  readonly files: readonly string[];
  /** What of the files is not run, by full titles. */
  readonly without: readonly RegExp[];
  /** What is run only with VM=all, because a run of rsc takes seconds where the processor is emulated. */
  readonly slow: readonly RegExp[];
}

/** Suites by the name that the program in the VM is given. */
export const suites: Readonly<Record<string, Suite>> = {
  run: {
    title: 'rsc run',
    files: ['guests'],
    // holes: a write to a pipe whose memory is missing in part ends natively at a whole page, and under rsc at the last
    // byte that is there, as it does natively on younger kernels.
    without: [/with the engine (seccomp|ptrace)/, / holes: /],
    slow: [
      // Their calls take the same ways as those of the others.
      / (append|copies|directories|epoll|facts|large|mapping|modes|seek|standard-input|static-files): /,
      // Thousands of calls, which on a busy machine outlast the tests' deadlines.
      / (timers|unnamed): /,
    ],
  },
  attach: {
    title: 'rsc doctor, rsc attach and its engine',
    files: ['doctor', 'attach', 'attach-states', 'attach-refused', 'guests'],
    // What takes minutes here: rounds that look for races, and the compiler of Go.
    without: [
      /with the engine (auto|seccomp)/,
      / holes: /,
      /busy, \d+ times/,
      /ends meanwhile, \d+ times/,
      /static program in Go/,
    ],
    slow: [
      / ptrace (?!bad-memory|forks|interrupted|own-filter|waiting)/,
      /rsc doctor (of a server|names|says)/,
      /rsc attach (ends|begins|lets go|answers EIO|says|leaves what)/,
      /rsc attach moves the file calls of (a shell loop to|node)/,
      /what is no process id|a time that is none/,
    ],
  },
};

/** The files of a suite, as they are built. */
export function filesOf(suite: Suite): string[] {
  return suite.files.map((name) => join(__dirname, `../e2e/${name}.test.js`));
}

/** What the full titles of the tests look like that are part of a suite. */
export function patternOf({ without, slow }: Suite, all: boolean): RegExp {
  const left = all ? without : [...without, ...slow];
  return new RegExp(`^(?!.*(?:${left.map(({ source }) => source).join('|')}))`);
}
