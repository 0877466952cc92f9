/** What became of a test: a line of JSON on the way from the VM to the host. */
export interface Report {
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'pending';
  readonly error?: Failure;
}

export interface Failure {
  readonly message: string;
  readonly stack?: string | undefined;
  readonly actual?: unknown;
  readonly expected?: unknown;
}

export function readReport(line: string): Report {
  return JSON.parse(line) as Report;
}

/** The error of a test as the host's reporter shows it, with the difference that the test has found. */
export function errorOf({ message, stack, actual, expected }: Failure): Error {
  const difference = expected === undefined ? {} : { actual, expected, showDiff: true };
  return Object.assign(new Error(message), { stack }, difference);
}
