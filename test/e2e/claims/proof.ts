import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SyscallName } from '@rsc/core/abi/table';
import { plainEnv, statusOf } from '../ending';
import type { Change, Group } from './effect-tracer';

/** A run of effect-tracer.js, which says of one call after the other what it has changed. */
export class Proof {
  private readonly folder = mkdtempSync(join(tmpdir(), 'rsc-effects-'));
  private readonly told = new Map<string, Change>();
  private readonly waiting = new Map<string, (change: Change) => void>();
  private readonly tracer: ChildProcess;
  private readonly ended: Promise<void>;
  private stderr = '';
  private status: number | undefined;

  constructor(groups: readonly Group[]) {
    // What is mounted, and named, by mistake or to compare, is so for this program only.
    const command = ['-m', '-u', '-i', '-n', process.execPath, join(__dirname, 'effect-tracer.js')];
    const tracer = spawn('unshare', [...command, JSON.stringify(groups), this.folder], {
      env: plainEnv,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.tracer = tracer;
    tracer.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    createInterface(tracer.stdout).on('line', (line) => {
      this.tell(JSON.parse(line) as Change);
    });
    this.ended = new Promise((resolve) => {
      tracer.on('close', (code, signal) => {
        this.status = statusOf(code, signal);
        resolve();
      });
    });
  }

  /** What a call has changed. Rejects where the tracer ends without saying so. */
  async changeOf(name: SyscallName, isClaimed: boolean): Promise<Change> {
    const key = keyOf(name, isClaimed);
    if (!this.told.has(key)) {
      const told = new Promise<Change>((resolve) => this.waiting.set(key, resolve));
      await Promise.race([told, this.ended]);
    }
    const change = this.told.get(key);
    if (change !== undefined) return change;
    throw new Error(`the tracer ended with ${this.status} before ${name} was made:\n${this.stderr}`);
  }

  /** Ends the tracer, and with it what it traces. */
  async end(): Promise<void> {
    this.tracer.kill('SIGKILL');
    await this.ended;
    rmSync(this.folder, { recursive: true });
  }

  private tell(change: Change): void {
    const key = keyOf(change.name, change.isClaimed);
    this.told.set(key, change);
    this.waiting.get(key)?.(change);
  }
}

function keyOf(name: SyscallName, isClaimed: boolean): string {
  return `${name} ${isClaimed}`;
}
