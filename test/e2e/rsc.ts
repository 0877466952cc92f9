import { run, type Ending, type RunOptions } from './ending';
import { rscProgram, withServer } from './places';
import { descendantsOf } from './server';
import { askedTransport } from './transport';

/** `rsc run ...` as a command line. */
export function rscRun(...args: readonly string[]): string[] {
  return [process.execPath, rscProgram, 'run', ...args];
}

/** A command under rsc, in /work of a server at `root`: an embedded one, unless a transport was asked for. */
export function embeddedCommand(
  root: string,
  command: readonly string[],
  flags: readonly string[] = [],
): string[] {
  const rest = ['--cwd', '/work', ...flags, '--', ...command];
  if (askedTransport === undefined) return rscRun('--embedded', root, ...rest);
  return [process.execPath, withServer, askedTransport, root, ...rscRun('--server', 'SERVER', ...rest)];
}

/** The process of rsc in a command of `embeddedCommand` that has begun, `pid`: itself, or the first child of its server's. */
export function rscIn(pid: number): number {
  const [first = pid] = askedTransport === undefined ? [] : descendantsOf(pid);
  return first;
}

export function runEmbedded(
  root: string,
  command: readonly string[],
  options: RunOptions = {},
  flags: readonly string[] = [],
): Promise<Ending> {
  return run(embeddedCommand(root, command, flags), options);
}
