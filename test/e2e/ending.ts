import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { deadlineOf } from './deadline';

const DEADLINE_MS = deadlineOf(25_000);

/** What a program left behind: what it printed, and its exit status as a shell numbers it (128 + n for signal n). */
export interface Ending {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

export interface RunOptions {
  readonly input?: string;
  readonly uid?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly deadlineMs?: number;
}

/** What every program of the suite runs with: nothing of the environment of the machine that tests. */
export const plainEnv = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/work',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
};

export function statusOf(code: number | null, signal: NodeJS.Signals | null): number {
  return signal === null ? (code ?? -1) : 128 + constants.signals[signal];
}

/** Runs a command to its end. Rejects when it has not ended by the deadline, after killing its process group. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<Ending> {
  const { input = '', uid, env = plainEnv, deadlineMs = DEADLINE_MS } = options;
  const [program = '', ...args] = command;
  const identity = uid === undefined ? {} : { uid, gid: uid };
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, cwd: '/', detached: true, ...identity });
    const output = { stdout: '', stderr: '' };
    const deadline = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      const seen = `stdout: ${output.stdout.slice(-2000)}\nstderr: ${output.stderr.slice(-2000)}`;
      reject(new Error(`${command.join(' ')} had not ended after ${deadlineMs} ms\n${seen}`));
    }, deadlineMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    // A program may end without reading its input.
    child.stdin.on('error', () => undefined).end(input);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(deadline);
      resolve({ ...output, status: statusOf(code, signal) });
    });
  });
}
