import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deadlineOf } from './deadline';
import { plainEnv } from './ending';
import { serverProgram } from './places';
import { askedTransport, listenAddress, type Transport } from './transport';

/** A running `rsc-server`, which only this machine reaches. */
export interface Server {
  readonly url: string;
  readonly pid: number;
  /** Kills the server and all that it started, at once, as a power cut would. */
  kill(): Promise<void>;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
}

interface ServerOptions {
  readonly options?: readonly string[];
  /** A command that runs the server, in front of its own. */
  readonly launcher?: readonly string[];
  /** TCP, unless another one was asked for. */
  readonly transport?: Transport;
  /** Where it listens, in place of a free place of the transport. */
  readonly listen?: string;
}

export async function startServer(
  root: string,
  { options = [], launcher = [], transport = askedTransport ?? 'tcp', listen }: ServerOptions = {},
): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'rsc-socket-'));
  const command = [
    ...launcher,
    process.execPath,
    serverProgram,
    '--listen',
    listen ?? listenAddress(transport, folder),
    '--root',
    root,
    ...options,
  ];
  const child = spawn(command[0] ?? '', command.slice(1), {
    env: plainEnv,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').finally(() => rmSync(folder, { recursive: true }));
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${serverProgram}`);
  let log = '';
  const url = await new Promise<string>((resolve, reject) => {
    const deadline = setTimeout(
      () => reject(new Error(`the server does not listen:\n${log}`)),
      deadlineOf(30_000),
    );
    const read = (text: Buffer): void => {
      log += text.toString();
      const found = /"address":"([^"]+)".*"listening"/.exec(log);
      if (found?.[1] === undefined) return;
      clearTimeout(deadline);
      resolve(found[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void ended.then(() => {
      clearTimeout(deadline);
      reject(new Error(`the server has ended:\n${log}`));
    });
  });
  return {
    url,
    pid,
    async kill() {
      // The server first, so that it cannot tell anybody that its executors are gone.
      for (const victim of [pid, ...descendantsOf(pid)]) killIfThere(victim);
      await ended;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** It may have ended with another process. */
export function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The processes that a process has started, and those that they have. */
export function descendantsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}
