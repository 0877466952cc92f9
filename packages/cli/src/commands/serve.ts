import * as Flags from '@oclif/core/flags';
import { addressForms } from '@rsc/core/transport/address';
import { DEFAULT_LISTEN, DEFAULT_MAX_SESSIONS } from '@rsc/server/options';
import { RscCommand } from '../command.js';

export default class Serve extends RscCommand {
  static override summary = 'Execute the system calls that rsc sends, confined to a directory';
  static override description = `The same as the program rsc-server, for those who have rsc. SIGTERM or Ctrl-C:
takes no more sessions, and ends with the last one; a second one ends the
sessions too.

Without a token it listens only where no other machine can connect:
on 127.0.0.1 or ::1, on a Unix socket, and on vsock://1:port. vsock://any:port is
every CID of this machine. vsock+unix:///path:port is a port for the VM behind
the vsock socket of its hypervisor: the server listens on /path_port.`;
  static override examples = [
    { description: 'serve a directory to this machine', command: '<%= config.bin %> serve --root ./rootfs' },
    {
      description: 'serve it to others, who need the token',
      command: '<%= config.bin %> serve --root ./rootfs --listen tcp://0.0.0.0:7070 --token-file token',
    },
    {
      description: 'serve it to the host of this VM, and to this machine',
      command: '<%= config.bin %> serve --root ./rootfs --listen vsock://any:7070 --token-file token',
    },
  ];
  static override flags = {
    root: Flags.string({
      description: 'the directory that sessions see as /',
      required: true,
      helpValue: 'DIR',
    }),
    listen: Flags.string({
      description: addressForms,
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
