import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { plainEnv } from './ending';
import { serverProgram } from './places';

/** A running `rsc-server` on a loopback port. */
export interface Server {
  readonly url: string;
  readonly port: number;
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
}

export async function startServer(
  root: string,
  { options = [], launcher = [] }: ServerOptions = {},
): Promise<Server> {
  const listen = 'tcp://127.0.0.1:0';
  const command = [
    ...launcher,
    process.execPath,
    serverProgram,
    '--listen',
    listen,
    '--root',
    root,
    ...options,
  ];
  const child = spawn(command[0] ?? '', command.slice(1), {
    env: plainEnv,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${serverProgram}`);
  let log = '';
  const port = await new Promise<number>((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error(`the server does not listen:\n${log}`)), 10_000);
    const read = (text: Buffer): void => {
      log += text.toString();
      const found = /tcp:\/\/127\.0\.0\.1:(\d+)".*"listening"/.exec(log);
      if (found === null) return;
      clearTimeout(deadline);
      resolve(Number(found[1]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void ended.then(() => {
      clearTimeout(deadline);
      reject(new Error(`the server has ended:\n${log}`));
    });
  });
  return {
    url: `tcp://127.0.0.1:${port}`,
    port,
    pid,
    async kill() {
      // The server first, so that it cannot tell anybody that its executors are gone.
      for (const victim of [pid, ...descendantsOf(pid)]) process.kill(victim, 'SIGKILL');
      await ended;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The processes that a process has started, and those that they have. */
export function descendantsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}
