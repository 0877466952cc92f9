import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatAddress, parseAddress } from '@rsc/core/transport/address';
import { startServer } from '@rsc/server';
import { statusOf } from './ending';
import { listenAddress, type Transport } from './transport';

/** `with-server.js TRANSPORT ROOT COMMAND...`: runs a command while a server is there, whose address stands for SERVER. */
const [transport = '', root = '', ...command] = process.argv.slice(2);

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rsc-socket-'));
  const listen = parseAddress(listenAddress(transport as Transport, folder));
  const server = await startServer({ listen, root });
  const url = formatAddress(server.address);
  // What is typed at a terminal is for the command, which shares it.
  process.on('SIGINT', () => undefined).on('SIGQUIT', () => undefined);
  const [program = '', ...args] = command.map((word) => (word === 'SERVER' ? url : word));
  const child = spawn(program, args, { stdio: 'inherit' });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  await server.close();
  rmSync(folder, { recursive: true });
  process.exitCode = statusOf(code, signal);
}

void main();
