import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { RscCommand } from '../command.js';

export default class Syscalls extends RscCommand {
  static override summary = 'Show what rsc does with each system call';
  static override description = `Without NAME: all calls, or those that --set chooses, one a line: name, sets, where it runs.`;
  static override examples = [
    { description: 'all that is known of one call', command: '<%= config.bin %> syscalls openat' },
    {
      description: 'what a set for `rsc run --syscalls` chooses',
      command: '<%= config.bin %> syscalls --set file,!openat2',
    },
    { description: 'for programs', command: '<%= config.bin %> syscalls --json' },
    {
      description: 'what stays on this machine whatever the set',
      command: '<%= config.bin %> syscalls --local-paths',
    },
  ];
  static override args = { name: Args.string({ description: 'a system call, as in its man page' }) };
  static override flags = {
    json: Flags.boolean({ description: 'print JSON' }),
    set: Flags.string({
      description: 'the calls of these sets and names, with ! to leave one out',
      exclusive: ['local-paths'],
      helpValue: 'SET',
    }),
    'local-paths': Flags.boolean({ description: 'the paths that stay on this machine by default, and why' }),
    exec: Flags.option({ options: ['local', 'remote'] as const })({
      description: 'for --local-paths: where programs come from, as in rsc run',
      default: 'local',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Syscalls);
    const { listing } = await import('../syscalls/listing.js');
    process.stdout.write(listing({ name: args.name, ...flags }));
  }
}
