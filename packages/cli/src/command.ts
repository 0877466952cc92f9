import { Command } from '@oclif/core/command';
import { reportOf } from './report.js';

/** What every command of rsc does alike: an error is one line, a suggestion and an exit status. */
export abstract class RscCommand extends Command {
  protected override catch(error: Error): Promise<never> {
    const report = reportOf(error, this.id);
    if (report === undefined) throw error;
    process.stderr.write(report.text);
    this.exit(report.status);
  }
}
