import * as Flags from '@oclif/core/flags';
import { attachProcess } from '../attach/attach.js';
import { RscCommand } from '../command.js';
import { sessionFlags } from '../session/flags.js';

export default class Attach extends RscCommand {
  static override summary = 'Execute the system calls of a running process on a server';
  static override description = `From now on the files that the process and its new children open are the server's; what it has open
already stays as it is. Ctrl-C lets the process go: of its remote files it keeps local snapshots, at the same numbers and
offsets. What cannot be kept that way is listed, and it stays attached, unless with --force or on Ctrl-\\.
The exit status is that of the process if it ends, and 0 when it has been let go.`;
  static override examples = [
    {
      description: 'move the file access of a running process to another machine',
      command:
        '<%= config.bin %> attach --pid 1234 --server tcp://host:7070 --token-file token --syscalls file',
    },
    {
      description: 'for a minute, against a directory',
      command: '<%= config.bin %> attach --pid 1234 --embedded ./rootfs --detach-after 1m',
    },
  ];
  static override flags = {
    pid: Flags.string({ description: 'the process', required: true, helpValue: 'PID' }),
    ...sessionFlags,
    engine: Flags.option({ options: ['auto', 'ebpf', 'ptrace'] as const })({
      description: 'how calls are caught: ebpf claims them in the kernel, ptrace stops at every call',
      default: 'auto',
    }),
    'on-disconnect': Flags.option({ options: ['eio', 'wait'] as const })({
      description: 'what becomes of remote calls when the server is gone: they answer EIO, or wait',
      default: 'eio',
    }),
    'detach-after': Flags.string({
      description: 'let the process go after a time: 90, 90s, 5m, 2h',
      helpValue: 'TIME',
    }),
    force: Flags.boolean({
      description: 'let the process go whatever it loses; descriptors that it cannot keep answer EBADF',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Attach);
    process.exit(await attachProcess(flags));
  }
}
