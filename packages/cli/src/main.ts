import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportOf } from './report.js';
import { quickRequest } from './run/quick.js';
import { runProgram } from './run/run.js';

const EXIT_BUG = 125;

/** The program rsc: `argv` is what stands behind its name. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await act(argv);
  } catch (error) {
    const { text, status } = reportOf(error) ?? { text: bug(error), status: EXIT_BUG };
    process.stderr.write(text);
    process.exitCode = status;
  }
}

async function act(argv: readonly string[]): Promise<void> {
  const [id, ...words] = argv;
  if (id === '--version') return void process.stdout.write(`rsc ${version()}\n`);
  const request = id === 'run' ? quickRequest(words) : undefined;
  if (request !== undefined) process.exit(await runProgram(request));
  const { dispatch } = await import('./dispatch.js');
  await dispatch(argv);
}

function bug(error: unknown): string {
  return `rsc: this is a bug of rsc: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}
