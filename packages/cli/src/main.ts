import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as Errors from '@oclif/core/errors';
import { flush } from '@oclif/core/flush';
import { run } from '@oclif/core/run';
import { reportOf } from './report.js';
import { splitCommandLine } from './run/command-line.js';

const EXIT_BUG = 125;
const home = join(__dirname, '..');

/** The program rsc: `argv` is what stands behind its name. */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv[0] === '--version') return void process.stdout.write(`rsc ${version()}\n`);
  try {
    await run(withCommandApart(argv), home);
    await flush();
  } catch (error) {
    end(error);
  }
}

/** `rsc run ls --help` asks ls for help, but oclif takes every --help for its own up to a `--`. */
function withCommandApart([id, ...words]: readonly string[]): string[] {
  if (id !== 'run') return id === undefined ? [] : [id, ...words];
  const { flags, command } = splitCommandLine(words);
  return command.length === 0 ? [id, ...flags] : [id, ...flags, '--', ...command];
}

function end(error: unknown): void {
  if (error instanceof Errors.ExitError) {
    process.exitCode = error.oclif.exit ?? 0;
    return;
  }
  const { text, status } = reportOf(error) ?? { text: bug(error), status: EXIT_BUG };
  process.stderr.write(text);
  process.exitCode = status;
}

function bug(error: unknown): string {
  return `rsc: this is a bug of rsc: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}
