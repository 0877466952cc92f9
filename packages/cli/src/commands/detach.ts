import * as Flags from '@oclif/core/flags';
import { RscCommand } from '../command.js';

export default class Detach extends RscCommand {
  static override summary = 'Let a process go that rsc attach has, as Ctrl-C there does';
  static override description = `Prints what the process keeps and what it has lost. Where it would lose something it stays attached, unless
with --force. A program of rsc run cannot be let go.`;
  static override examples = [
    { description: 'let a process go', command: '<%= config.bin %> detach --pid 1234' },
    { description: 'whatever it loses', command: '<%= config.bin %> detach --pid 1234 --force' },
  ];
  static override flags = {
    pid: Flags.string({ description: 'the process', required: true, helpValue: 'PID' }),
    force: Flags.boolean({
      description: 'let it go whatever it loses; descriptors that it cannot keep answer EBADF',
      default: false,
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Detach);
    const { detach } = await import('../detach/detach.js');
    process.stdout.write(await detach(flags));
  }
}
