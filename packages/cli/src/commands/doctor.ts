import * as Flags from '@oclif/core/flags';
import { addressForms } from '@rsc/core/transport/address';
import { RscCommand } from '../command.js';

export default class Doctor extends RscCommand {
  static override summary = 'Say what this machine allows, and whether rsc run and rsc attach work here';
  static override description = `Tries each thing that rsc can use, and says what follows from it and how to change it. Nothing
is left behind. The exit status is 0 where rsc run would work, 125 where it would not.`;
  static override examples = [
    { description: 'look at this machine', command: '<%= config.bin %> doctor' },
    {
      description: 'and at a server: whether it is there, and opens sessions',
      command: '<%= config.bin %> doctor --server tcp://host:7070 --token-file token',
    },
    { description: 'for programs', command: '<%= config.bin %> doctor --json' },
  ];
  static override flags = {
    server: Flags.string({
      description: `a server to ask: ${addressForms}`,
      env: 'RSC_SERVER',
    }),
    'token-file': Flags.string({
      description: "a file with the server's token in its first line",
      helpValue: 'FILE',
    }),
    json: Flags.boolean({ description: 'print JSON' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Doctor);
    const { examine } = await import('../doctor/doctor.js');
    const { text, status } = await examine(flags);
    process.stdout.write(text);
    process.exitCode = status;
  }
}
