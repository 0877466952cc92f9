import { run, type Ending, type RunOptions } from './ending';
import { rscProgram } from './places';

/** `rsc run ...` as a command line. */
export function rscRun(...args: readonly string[]): string[] {
  return [process.execPath, rscProgram, 'run', ...args];
}

/** A command under rsc, in /work of an embedded server at `root`. */
export function embeddedCommand(
  root: string,
  command: readonly string[],
  flags: readonly string[] = [],
): string[] {
  return rscRun('--embedded', root, '--cwd', '/work', ...flags, '--', ...command);
}

export function runEmbedded(
  root: string,
  command: readonly string[],
  options: RunOptions = {},
  flags: readonly string[] = [],
): Promise<Ending> {
  return run(embeddedCommand(root, command, flags), options);
}
