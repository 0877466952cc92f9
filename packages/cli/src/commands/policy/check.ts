import * as Args from '@oclif/core/args';
import { RscCommand } from '../../command.js';

export default class PolicyCheck extends RscCommand {
  static override summary = 'Find all mistakes in a policy';
  static override description = `Each mistake is told with its line and column, what was expected there, and what to write instead.`;
  static override examples = [
    { description: 'before it is used', command: '<%= config.bin %> policy check rules.yaml' },
  ];
  static override args = {
    file: Args.string({ description: 'a policy, as docs/policy.md describes it' }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(PolicyCheck);
    if (args.file === undefined) this.error('no policy was named', { exit: 2 });
    const { checking } = await import('../../policy/showing.js');
    process.stdout.write(checking(args.file));
  }
}
