import { run, type Ending, type RunOptions } from './ending';
import { rscProgram, withServer } from './places';
import { descendantsOf } from './server';
import { askedTransport } from './transport';

/** `rsc run ...` as a command line. */
export function rscRun(...args: readonly string[]): string[] {
  return [process.execPath, rscProgram, 'run', ...args];
}

/** `rsc run ...` with a server at `root`: an embedded one, unless a transport was asked for. */
export function rscRunAt(root: string, ...args: readonly string[]): string[] {
  if (askedTransport === undefined) return rscRun('--embedded', root, ...args);
  return [process.execPath, withServer, askedTransport, root, ...rscRun('--server', 'SERVER', ...args)];
}

/** A command under rsc, in /work of a server at `root`, as `rscRunAt` has it. */
export function embeddedCommand(
  root: string,
  command: readonly string[],
  flags: readonly string[] = [],
): string[] {
  return rscRunAt(root, '--cwd', '/work', ...flags, '--', ...command);
}

/** The process of rsc in a command of `rscRunAt` that has begun, `pid`: itself, or the first child of its server's. */
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
