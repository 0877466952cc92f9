import * as Args from '@oclif/core/args';
import { RscCommand } from '../../command.js';

export default class PolicyLoad extends RscCommand {
  static override summary = 'Make a policy the active one: rsc run goes by it where it is not told otherwise';
  static override description = `Checks it, keeps a copy in $XDG_CONFIG_HOME/rsc or ~/.config/rsc, and prints what changes. Sessions
that run already go on as they are. Each user has an active policy of their own, root too.`;
  static override examples = [
    { description: 'for all sessions to come', command: '<%= config.bin %> policy load rules.yaml' },
    { description: 'a preset', command: '<%= config.bin %> policy load dev' },
  ];
  static override args = {
    file: Args.string({ description: 'a policy, or a preset: file, net, all, dev' }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(PolicyLoad);
    if (args.file === undefined) this.error('no policy was named', { exit: 2 });
    const { loading } = await import('../../policy/loading.js');
    process.stdout.write(loading(args.file));
  }
}
