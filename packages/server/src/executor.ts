import { spawn, type ChildProcess } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { twinPath } from '@rsc/addon';
import { RscError, type RscErrorCode } from '@rsc/core/errors';
import { allowedNumbers } from './allowed.js';

const SOCKET_FD = 3;
const CONTROL_FD = 4;

/** What an executor is confined to. */
export interface Confinement {
  readonly root: string;
  readonly readOnly: boolean;
  /** How long it may take to set its sandbox up, in ms. */
  readonly timeoutMs: number;
}

/** How an executor ended: one of the two is null. */
export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The process that executes the calls of one session. It ends by itself when its connection does. */
export interface Executor {
  readonly pid: number | undefined;
  /** Resolves when its sandbox stands. Rejects with the RscError that it reports, or RSC_EXECUTOR_FAILED. */
  readonly ready: Promise<void>;
  /** Resolves when it has ended, or could not be started. Never rejects. */
  readonly ended: Promise<Ending>;
  kill(): void;
}

/** Starts the executor of one session, which from now on has the socket. Throws RSC_NATIVE_MISSING. */
export function startExecutor(socket: Duplex, { root, readOnly, timeoutMs }: Confinement): Executor {
  const child = spawn(
    twinPath(),
    [
      ...['--socket', String(SOCKET_FD), '--control', String(CONTROL_FD), '--root', root],
      ...['--allow', allowedNumbers().join(',')],
      ...(readOnly ? ['--read-only'] : []),
    ],
    // Detached: a Ctrl-C for the program in the foreground is not for the sessions.
    { stdio: ['ignore', 'ignore', 'inherit', socket, 'pipe'], detached: true },
  );
  const ended = endOf(child);
  return {
    pid: child.pid,
    ready: sandboxed(child, timeoutMs),
    ended,
    kill: () => void child.kill('SIGKILL'),
  };
}

function endOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('exit', (status, signal) => {
      resolve({ status, signal });
    });
    // Where it could not be started there is no exit.
    child.once('error', () => {
      resolve({ status: null, signal: null });
    });
  });
}

async function sandboxed(child: ChildProcess, timeoutMs: number): Promise<void> {
  const report = await reportOf(child, timeoutMs);
  if (report === 'ready') return;
  child.kill('SIGKILL');
  const [, code, message] = /^(RSC_\w+) (.*)$/.exec(report) ?? [];
  if (code !== undefined && message !== undefined) throw new RscError(code as RscErrorCode, message);
  throw failed(report === '' ? 'it ended before its sandbox stood' : `it said ${JSON.stringify(report)}`);
}

/** All that the executor says on its control pipe, which it closes then. */
function reportOf(child: ChildProcess, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const deadline = setTimeout(() => {
      child.kill('SIGKILL');
      reject(failed(`its sandbox did not stand within ${timeoutMs} ms`));
    }, timeoutMs);
    child.once('error', (cause) => {
      clearTimeout(deadline);
      reject(failed(cause.message, cause));
    });
    const control = child.stdio[CONTROL_FD] as Readable | undefined;
    control?.setEncoding('utf8');
    control?.on('data', (text: string) => (said += text));
    control?.on('error', () => undefined); // close follows
    control?.on('close', () => {
      clearTimeout(deadline);
      resolve(said.trimEnd());
    });
  });
}

function failed(reason: string, cause?: unknown): RscError {
  return new RscError('RSC_EXECUTOR_FAILED', `cannot start an executor: ${reason}`, undefined, { cause });
}
