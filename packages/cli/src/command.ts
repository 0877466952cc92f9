import { Command, Errors } from '@oclif/core';
import { RscError, exitCodeOf } from '@rsc/core/errors';

const EXIT_USAGE = 2;

/** What every command of rsc does alike: its errors are one line and a suggestion, and an exit status. */
export abstract class RscCommand extends Command {
  protected override catch(error: Error): Promise<never> {
    if (error instanceof Errors.ExitError) throw error;
    if (error instanceof RscError) this.fail(error.message, error.suggestion, exitCodeOf(error));
    if (error instanceof Errors.CLIError) this.fail(summaryOf(error), `rsc ${this.id ?? ''} --help`, EXIT_USAGE);
    throw error;
  }

  private fail(message: string, suggestion: string | undefined, status: number): never {
    process.stderr.write(`rsc: ${message}\n`);
    if (suggestion !== undefined) process.stderr.write(`  try: ${suggestion}\n`);
    this.exit(status);
  }
}

/** oclif's messages go on for several lines, with a pointer to the help. */
function summaryOf(error: Error): string {
  return error.message.split('\n', 1)[0] ?? '';
}
