import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { RscCommand } from '../../command.js';

export default class PolicyLoad extends RscCommand {
  static override summary = 'Make a policy the active one: rsc run goes by it where it is not told otherwise';
  static override description = `Checks it, keeps a copy in $XDG_CONFIG_HOME/rsc or ~/.config/rsc, and prints what changes. The sessions of
this user that run go by it from their next calls on; what is remote already stays so. A session that cannot, because its seccomp
filter lets calls pass that the policy speaks of, goes on as it was: the status is 125 then. Each user has an active policy of
their own, root too.`;
  static override examples = [
    {
      description: 'for all sessions that run and that come',
      command: '<%= config.bin %> policy load rules.yaml',
    },
    { description: 'a preset', command: '<%= config.bin %> policy load dev' },
    {
      description: 'for one session that runs, and nothing else',
      command: '<%= config.bin %> policy load rules.yaml --session 1f3a5b7c',
    },
  ];
  static override args = {
    file: Args.string({ description: 'a policy, or a preset: file, net, all, dev' }),
  };
  static override flags = {
    session: Flags.string({ description: 'for this session alone, as rsc ps names it', helpValue: 'ID' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyLoad);
    if (args.file === undefined) this.error('no policy was named', { exit: 2 });
    const { loadLive } = await import('../../policy/live.js');
    await loadLive(args.file, flags.session, (text) => process.stdout.write(text));
  }
}
