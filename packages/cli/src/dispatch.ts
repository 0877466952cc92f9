import { join } from 'node:path';
import { flush } from '@oclif/core/flush';
import { run } from '@oclif/core/run';
import { splitCommandLine } from './run/command-line.js';

/** Finds the command that `argv` names, and runs it. Rejects with its error. */
export async function dispatch(argv: readonly string[]): Promise<void> {
  await run(withCommandApart(argv), join(__dirname, '..'));
  await flush();
}

/** `rsc run ls --help` asks ls for help, but oclif takes every --help for its own up to a `--`. */
function withCommandApart([id, ...words]: readonly string[]): string[] {
  if (id !== 'run') return id === undefined ? [] : [id, ...words];
  const { flags, command } = splitCommandLine(words);
  return command.length === 0 ? [id, ...flags] : [id, ...flags, '--', ...command];
}
