import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { twinPath } from '@rsc/addon';
import { RscError, type RscErrorCode } from '@rsc/core/errors';
import { allowedNumbers } from './allowed.js';

const SOCKET_FD = 3;
const CONTROL_FD = 4;

/** What an executor is confined to. */
export interface Confinement {
  readonly root: string;
  readonly readOnly: boolean;
}

/**
 * Starts the executor of one session on its socket, and resolves when its sandbox stands. Rejects with the RscError that
 * the executor reports, or RSC_EXECUTOR_FAILED.
 */
export async function startExecutor(socket: Socket, { root, readOnly }: Confinement): Promise<ChildProcess> {
  const child = spawn(
    twinPath(),
    [
      ...['--socket', String(SOCKET_FD), '--control', String(CONTROL_FD), '--root', root],
      ...['--allow', allowedNumbers().join(',')],
      ...(readOnly ? ['--read-only'] : []),
    ],
    { stdio: ['ignore', 'ignore', 'inherit', socket, 'pipe'] },
  );
  const report = await firstLine(child, child.stdio[CONTROL_FD] as Readable);
  if (report === 'ready') return child;
  const [, code, message] = /^(RSC_\w+) (.*)$/.exec(report) ?? [];
  throw code === undefined || message === undefined
    ? new RscError('RSC_EXECUTOR_FAILED', `cannot start an executor: it said ${JSON.stringify(report)}`)
    : new RscError(code as RscErrorCode, message);
}

function firstLine(child: ChildProcess, control: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('error', (cause) => {
      reject(new RscError('RSC_EXECUTOR_FAILED', `cannot start an executor: ${cause.message}`, 'make build', { cause }));
    });
    control.setEncoding('utf8');
    control.on('data', (text: string) => (said += text));
    control.on('close', () => {
      resolve(said.trim());
    });
  });
}
