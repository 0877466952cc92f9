import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { exitCodeOf, RscError } from '@rsc/core/errors';
import type { ServeRequest } from './serve.js';

const usage = `Execute the system calls that rsc sends, confined to a directory.

USAGE
  rsc-server --listen ADDRESS --root DIR [flags]

FLAGS
  --listen ADDRESS    one of ADDRESSES; default tcp://127.0.0.1:7070
  --root DIR          the directory that sessions see as /
  --token-file FILE   clients must know the first line of FILE; needed where others than
                      programs of this machine can connect
  --read-only         sessions cannot change anything
  --max-sessions N    how many sessions there may be at a time; default 64
  --help, --version

ADDRESSES
  tcp://host:port            without a token only on loopback: 127.0.0.1, ::1
  unix:///path               for the user who runs the server
  vsock://cid:port           a CID of this machine, or any; without a token only 1, the loopback
  vsock+unix:///path:port    a port for the VM behind the vsock socket of its hypervisor, as of
                             Firecracker: listens on /path_port

EXAMPLES
  rsc-server --root /srv/files
  rsc-server --listen tcp://0.0.0.0:7070 --root /srv/files --token-file /etc/rsc/token
  rsc-server --listen vsock://any:7070 --root /srv/files --token-file /etc/rsc/token
`;

/** The rsc-server program. */
export async function main(argv: readonly string[]): Promise<void> {
  let request: ServeRequest & { readonly help?: boolean; readonly version?: boolean };
  try {
    request = parseArgs({
      args: [...argv],
      options: {
        listen: { type: 'string' },
        root: { type: 'string' },
        'token-file': { type: 'string' },
        'read-only': { type: 'boolean' },
        'max-sessions': { type: 'string' },
        help: { type: 'boolean' },
        version: { type: 'boolean' },
      },
    }).values as typeof request;
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error), 'rsc-server --help', 2);
  }
  if (request.help) return void process.stdout.write(usage);
  if (request.version) return void process.stdout.write(`rsc-server ${version()}\n`);
  if (request.root === undefined) fail('cannot serve without a root', '--root DIR', 2);
  try {
    // Loaded when there is something to serve: --help and errors come at once.
    const { serve } = await import('./serve.js');
    await serve(request);
  } catch (error) {
    if (!(error instanceof RscError)) throw error;
    fail(error.message, error.suggestion, exitCodeOf(error));
  }
}

function fail(message: string, suggestion: string | undefined, status: number): never {
  process.stderr.write(`rsc-server: ${message}\n${suggestion === undefined ? '' : `  try: ${suggestion}\n`}`);
  process.exit(status);
}

function version(): string {
  const manifest = JSON.parse(readFileSync(`${__dirname}/../package.json`, 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}
