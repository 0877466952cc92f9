import * as Flags from '@oclif/core/flags';
import { lossWays } from '@rsc/core/tracer/loss';
import { RscCommand } from '../command.js';
import { splitCommandLine } from '../run/command-line.js';
import { runProgram } from '../run/run.js';
import { sessionFlags } from '../session/flags.js';

export default class Run extends RscCommand {
  static override summary = 'Run a program here with its system calls executed on a server';
  static override description = `The program, its libraries and its processes are here; the files that it names are the server's.
Its exit status is rsc's; 128+n when signal n ended it, 125 when rsc itself failed.`;
  static override examples = [
    {
      description: 'work on the files of another machine',
      command: '<%= config.bin %> run --server tcp://host:7070 --token-file token -- bash',
    },
    {
      description:
        'on those of a VM with CID 3; vsock+unix:///path:7070 where a hypervisor has a socket for it',
      command: '<%= config.bin %> run --server vsock://3:7070 --token-file token -- bash',
    },
    {
      description: 'see what it is like without a server: DIR becomes the root',
      command: '<%= config.bin %> run --embedded ./rootfs -- ls -la /',
    },
    {
      description: 'programs and libraries of the server too, of which this machine needs none',
      command: '<%= config.bin %> run --exec remote --embedded ./rootfs -- /bin/sh',
    },
    {
      description: 'only opens are remote, with what is done to the descriptors that they give',
      command: '<%= config.bin %> run --embedded ./rootfs --syscalls open,openat -- cat /etc/hostname',
    },
    {
      description: 'rules say what is remote, local or denied: rsc policy',
      command: '<%= config.bin %> run --embedded ./rootfs --policy rules.yaml -- bash',
    },
  ];
  static override usage = 'run [FLAGS] [--] COMMAND [ARGUMENT...]';
  static override flags = {
    ...sessionFlags,
    exec: Flags.option({ options: ['local', 'remote'] as const })({
      description: 'where programs, their interpreters and libraries come from',
      default: 'local',
    }),
    engine: Flags.string({
      description:
        'how calls are caught: auto, notify (Linux 6.18 or newer), seccomp, ptrace, ebpf or hybrid',
      default: 'auto',
      helpValue: 'NAME',
    }),
    reloadable: Flags.string({
      description:
        'calls that a policy may speak of which is loaded later: the filter catches them from the start',
      helpValue: 'SET',
    }),
    'on-disconnect': Flags.option({ options: lossWays })({
      description:
        'what becomes of the program when the server is gone: it is ended, its remote calls answer EIO, or wait',
      default: 'kill',
    }),
    audit: Flags.string({
      description:
        'count the calls that run here though they concern the server, by eBPF, and write how many to FILE',
      helpValue: 'FILE',
    }),
    cwd: Flags.string({ description: 'the working directory on the server', helpValue: 'DIR' }),
  };

  async run(): Promise<void> {
    const line = splitCommandLine(this.argv);
    const { flags } = await this.parse(Run, line.flags);
    if (line.command.length === 0) this.error('no program to run was given', { exit: 2 });
    process.exit(await runProgram({ ...flags, command: line.command }));
  }
}
