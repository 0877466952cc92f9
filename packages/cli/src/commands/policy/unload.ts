import { RscCommand } from '../../command.js';

export default class PolicyUnload extends RscCommand {
  static override summary = 'Have no active policy: rsc run sends the set file again';
  static override examples = [
    { description: 'take back rsc policy load', command: '<%= config.bin %> policy unload' },
  ];

  async run(): Promise<void> {
    await this.parse(PolicyUnload);
    const { unloading } = await import('../../policy/loading.js');
    process.stdout.write(unloading());
  }
}
