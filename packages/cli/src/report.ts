import { RscError, exitCodeOf } from '@rsc/core/errors';

const EXIT_USAGE = 2;

/** What the user is told of an error, and the exit status of rsc. */
export interface Report {
  readonly text: string;
  readonly status: number;
}

/** An error that oclif throws. Told by its mark: oclif is not loaded where it is not needed, not even for its classes. */
interface CliError extends Error {
  readonly code?: string;
  readonly oclif: { readonly exit?: number };
}

/** Describes an error of the operator's or of the command line; undefined for any other: it is a bug of rsc's. */
export function reportOf(error: unknown, command?: string): Report | undefined {
  if (error instanceof RscError) {
    return { text: textOf(error.message, error.suggestion), status: exitCodeOf(error) };
  }
  if (!isCliError(error)) return undefined;
  if (error.code === 'EEXIT') return { text: '', status: error.oclif.exit ?? 0 };
  const help = command === undefined ? 'rsc --help' : `rsc ${command.replaceAll(':', ' ')} --help`;
  return { text: textOf(summaryOf(error), help), status: EXIT_USAGE };
}

function isCliError(error: unknown): error is CliError {
  return (
    error instanceof Error && 'oclif' in error && typeof error.oclif === 'object' && error.oclif !== null
  );
}

function textOf(message: string, suggestion: string | undefined): string {
  return `rsc: ${message}\n${suggestion === undefined ? '' : `  try: ${suggestion}\n`}`;
}

/** oclif's messages are sentences on several lines, between a heading and a pointer to the help. */
function summaryOf(error: Error): string {
  return error.message
    .split('\n')
    .map((line) => line.trim().replace(/\.$/, ''))
    .filter((line) => line !== '' && !/^(The following errors? occurred:|See more help)/.test(line))
    .map((line) => line.replace(/^command \S+ not found$/, (found) => found.replaceAll(':', ' ')))
    .map((line) => line.charAt(0).toLowerCase() + line.slice(1))
    .join('; ');
}
