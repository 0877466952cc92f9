import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { RscCommand } from '../../command.js';

export default class PolicyExplain extends RscCommand {
  static override summary = 'Say where a call goes by a policy, which rule decides, and which nearly did';
  static override description = `CALL is written as strace prints it; AT_FDCWD and what stands behind the last path may be left out.
Without FILE: the active policy.`;
  static override usage = 'policy explain [FILE] CALL [FLAGS]';
  static override examples = [
    {
      description: 'an open for writing',
      command: `<%= config.bin %> policy explain rules.yaml 'openat("/data/x", O_RDWR)'`,
    },
    {
      description: 'a rule that is for one program',
      command: `<%= config.bin %> policy explain rules.yaml 'unlink("/data/x")' --program /usr/bin/git`,
    },
  ];
  static override args = {
    file: Args.string({ description: 'a policy, or a preset: file, net, all, dev' }),
    call: Args.string({ description: 'the call' }),
  };
  static override flags = {
    program: Flags.string({ description: 'the path of the program that makes the call', helpValue: 'PATH' }),
    origin: Flags.string({
      description: 'the side that its descriptors are on',
      options: ['remote', 'local'],
    }),
    cwd: Flags.string({ description: 'where relative paths begin: here', helpValue: 'DIR' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyExplain);
    const { explaining } = await import('../../policy/explaining.js');
    const call = args.call ?? args.file;
    if (call === undefined) this.error('no call was given', { exit: 2 });
    const file = args.call === undefined ? undefined : args.file;
    process.stdout.write(explaining({ file, call, ...flags }));
  }
}
