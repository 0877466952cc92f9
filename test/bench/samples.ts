import { run, plainEnv } from '../e2e/ending';

/** The samples of a benchmark program by name, in nanoseconds: lines of `name n n n n n`. */
export function parseSamples(output: string): Map<string, number[]> {
  const lines = output.split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const [name = '', ...numbers] = line.split(' ');
      return [name, numbers.map(Number)];
    }),
  );
}

export function median(samples: readonly number[]): number {
  const middle = [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)];
  if (middle === undefined) throw new TypeError('a median needs at least one sample');
  return middle;
}

/** Runs a benchmark program; resolves to the median of each of its measurements, in nanoseconds. */
export async function medians(command: readonly string[]): Promise<(name: string) => number> {
  const { stdout, stderr, status } = await run(command, { env: benchEnv, deadlineMs: 300_000 });
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr}`);
  const samples = parseSamples(stdout);
  return (name) => {
    const numbers = samples.get(name);
    if (numbers === undefined) throw new Error(`${command.join(' ')} did not measure ${name}: ${stdout}`);
    return median(numbers);
  };
}

// git asks whose the repository is; under a server in a user namespace it is somebody else's.
const benchEnv = {
  ...plainEnv,
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
};
