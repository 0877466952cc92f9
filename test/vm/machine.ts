import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkout } from '../e2e/places';
import { readReport, type Report } from './report';
import type { Kernel } from './suites';

const boot = join(checkout, 'test/vm/boot');
const inside = 'test/dist/vm/inside.js';
const extent = process.env['VM'] === 'all' ? 'all' : 'quick';

/** The tests of a suite on a kernel, without running them. */
export function testsOf(kernel: Kernel, suite: string): Report[] {
  const lines = execFileSync(process.execPath, [join(checkout, inside), kernel, suite, extent], {
    encoding: 'utf8',
  });
  return lines.trim().split('\n').map(readReport);
}

/** A VM that reports nothing for so long hangs: each test on it fails then, and does not wait for its own deadline. */
const SILENCE_MS = 280_000;

/** A VM that runs a suite and turns itself off. */
export class Machine {
  /** Resolves when it has turned itself off, or was turned off. */
  readonly ended: Promise<void>;
  private end!: () => void;
  private qemu: ChildProcess | undefined;
  private silence: NodeJS.Timeout | undefined;
  private readonly console: string;
  private readonly told = new Map<string, Report>();
  private readonly waiting = new Map<string, (report: Report) => void>();

  constructor(
    private readonly kernel: Kernel,
    private readonly suite: string,
  ) {
    this.console = join(checkout, `.make/vm/${kernel}/console-${suite}.log`);
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  boot(): void {
    const { kernel, suite } = this;
    // The kernel's console is the first serial port; reports come from the second.
    const ports = `-serial file:${this.console} -serial stdio`;
    const command = [boot, kernel, process.execPath, inside, kernel, suite, extent, '/dev/ttyS1'];
    // It works as long as all tests do: should they be killed, it is too.
    const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
      env: { ...process.env, SERIAL_PORTS: ports },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.qemu = qemu;
    this.silence = setTimeout(() => qemu.kill('SIGKILL'), SILENCE_MS);
    qemu.on('close', () => {
      clearTimeout(this.silence);
      this.end();
    });
    createInterface(qemu.stdout).on('line', (line) => {
      if (line.startsWith('{')) this.tell(readReport(line));
    });
  }

  /** What became of a test. Rejects when the VM has ended without saying so. */
  async report(title: string): Promise<Report> {
    const report = this.told.get(title);
    if (report !== undefined) return report;
    const told = new Promise<Report>((resolve) => this.waiting.set(title, resolve));
    return Promise.race([told, this.ended.then(() => this.missing(title))]);
  }

  /** Turns it off. */
  async stop(): Promise<void> {
    if (this.qemu === undefined) this.end();
    else this.qemu.kill('SIGKILL');
    await this.ended;
  }

  private tell(report: Report): void {
    this.silence?.refresh();
    this.told.set(report.title, report);
    this.waiting.get(report.title)?.(report);
  }

  private missing(title: string): Report {
    const report = this.told.get(title);
    if (report !== undefined) return report;
    const failed = [...this.told.values()]
      .filter(({ state }) => state === 'failed')
      .map((each) => each.title);
    const seen = readFileSync(this.console, 'latin1').slice(-2000);
    throw new Error(`the VM has ended without running it; failed: ${failed.join(', ')}; console:\n${seen}`);
  }
}
