import * as Flags from '@oclif/core/flags';
import { RscCommand } from '../command.js';

export default class Ps extends RscCommand {
  static override summary =
    'List the sessions that run: what they run, by what, and how much of it is remote';
  static override description = `Of each session of this user: its id and process; the engine; the calls that the server ran, that ran
here although they were caught, and that were denied; what half and 99% of the round trips took at most, which includes the time
that a call waits on the server.`;
  static override examples = [
    { description: 'see what runs', command: '<%= config.bin %> ps' },
    { description: 'for programs', command: '<%= config.bin %> ps --json' },
  ];
  static override flags = {
    json: Flags.boolean({ description: 'print JSON; times are in microseconds' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Ps);
    const { listing } = await import('../ps/ps.js');
    process.stdout.write(await listing(flags));
  }
}
