/** The flags of the commands that open a session. */
import * as Flags from '@oclif/core/flags';
import { addressForms } from '@rsc/core/transport/address';

export const sessionFlags = {
  server: Flags.string({
    description: `where the server listens: ${addressForms}`,
    env: 'RSC_SERVER',
    exclusive: ['embedded'],
  }),
  embedded: Flags.string({
    description: 'start a server inside, whose root is this directory',
    helpValue: 'DIR',
  }),
  'token-file': Flags.string({
    description: "a file with the server's token in its first line",
    helpValue: 'FILE',
  }),
  syscalls: Flags.string({
    description:
      'which calls are remote: sets and names, with ! to leave one out; file, if no policy is active',
    exclusive: ['policy'],
    helpValue: 'SET',
  }),
  policy: Flags.string({
    description: 'the rules of FILE say where calls go, or those of a preset: file, net, all, dev',
    helpValue: 'FILE',
  }),
};
