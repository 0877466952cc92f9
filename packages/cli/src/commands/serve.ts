import * as Flags from '@oclif/core/flags';
import { DEFAULT_LISTEN, DEFAULT_MAX_SESSIONS } from '@rsc/server/options';
import { RscCommand } from '../command.js';

export default class Serve extends RscCommand {
  static override summary = 'Execute the system calls that rsc sends, confined to a directory';
  static override description = `The same as the program rsc-server, for those who have rsc. SIGTERM or Ctrl-C: takes no
more sessions, and ends with the last one; a second one ends the sessions too.`;
  static override examples = [
    { description: 'serve a directory to this machine', command: '<%= config.bin %> serve --root ./rootfs' },
    {
      description: 'serve it to others, who need the token',
      command: '<%= config.bin %> serve --root ./rootfs --listen tcp://0.0.0.0:7070 --token-file token',
    },
  ];
  static override flags = {
    root: Flags.string({
      description: 'the directory that sessions see as /',
      required: true,
      helpValue: 'DIR',
    }),
    listen: Flags.string({
      description: 'tcp://host:port or unix:///path',
      default: DEFAULT_LISTEN,
      helpValue: 'ADDRESS',
    }),
    'token-file': Flags.string({
      description: 'clients must know the first line of FILE; needed beyond loopback',
      helpValue: 'FILE',
    }),
    'read-only': Flags.boolean({ description: 'sessions cannot change anything' }),
    'max-sessions': Flags.string({
      description: 'how many sessions there may be at a time',
      default: String(DEFAULT_MAX_SESSIONS),
      helpValue: 'N',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Serve);
    const { serve } = await import('@rsc/server/serve');
    await serve(flags);
  }
}
