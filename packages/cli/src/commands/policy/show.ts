import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { RscCommand } from '../../command.js';

export default class PolicyShow extends RscCommand {
  static override summary = 'Show the rules of a policy in the order in which they are tried';
  static override description = `Without FILE: the active policy.`;
  static override examples = [
    { description: 'what rsc run does by itself', command: '<%= config.bin %> policy show' },
    { description: 'what a preset means', command: '<%= config.bin %> policy show dev' },
    {
      description: 'with the paths that rules without paths leave here',
      command: '<%= config.bin %> policy show rules.yaml --defaults',
    },
  ];
  static override args = { file: Args.string({ description: 'a policy, or a preset: file, net, all, dev' }) };
  static override flags = {
    defaults: Flags.boolean({ description: 'also the default-local paths, and why they are local' }),
    json: Flags.boolean({ description: 'print JSON' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyShow);
    const { showing } = await import('../../policy/showing.js');
    process.stdout.write(showing({ file: args.file, ...flags }));
  }
}
