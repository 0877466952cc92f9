import { lookup } from 'node:dns/promises';
import { release } from 'node:os';
import { RscError } from '@rsc/core/errors';
import { parseAddress, type Address } from '@rsc/core/transport/address';
import type { Exec } from '@rsc/core/tracer/local-paths';
import type { OnLoss } from '@rsc/core/tracer/loss';
import { chooseEngine } from '@rsc/core/tracer/choice';
import { readToken } from '@rsc/core/token';
import { choosePolicy } from '../policy/choose.js';
import { findProgram } from './program.js';
import { launch } from './launch.js';

/** What a user asks of `rsc run`. */
export interface RunRequest {
  readonly server?: string | undefined;
  readonly embedded?: string | undefined;
  readonly 'token-file'?: string | undefined;
  readonly syscalls?: string | undefined;
  readonly policy?: string | undefined;
  readonly engine: string;
  readonly cwd?: string | undefined;
  readonly 'on-disconnect': OnLoss;
  /** Where programs come from. */
  readonly exec: Exec;
  /** The program and its arguments. */
  readonly command: readonly string[];
}

/** Runs a program to its end; returns the exit status for rsc: the program's own, or 128+n when signal n ended it. */
export async function runProgram(request: RunRequest): Promise<number> {
  const [name = ''] = request.command;
  const file = request.exec === 'remote' ? name : findProgram(name, process.env['PATH']);
  const engine = chooseEngine(request.engine, release());
  const policy = await choosePolicy(request);
  const server = await reach(request);
  try {
    const { status, signal } = await launch({
      address: server.address,
      token: server.token,
      policy,
      exec: request.exec,
      engine,
      onLoss: request['on-disconnect'],
      file,
      argv: request.command,
      env: Object.entries(process.env).map(([key, value]) => `${key}=${value ?? ''}`),
      directory: request.cwd,
      localDirectory: process.cwd(),
    });
    return signal === 0 ? status : 128 + signal;
  } finally {
    await server.leave();
  }
}

/** A server to run against, and how to be done with it. */
interface Reached {
  readonly address: Address;
  readonly token: string | undefined;
  leave(): Promise<void>;
}

async function reach(request: RunRequest): Promise<Reached> {
  if (request.embedded !== undefined) {
    // Loaded when it is asked for: most runs have their server elsewhere.
    const { startEmbedded } = await import('./embedded.js');
    return startEmbedded(request.embedded);
  }
  if (request.server === undefined) {
    throw new RscError(
      'RSC_ADDRESS_INVALID',
      'cannot run without a server: none was named',
      'name one with --server tcp://host:port or RSC_SERVER, or start one inside with --embedded DIR',
    );
  }
  return {
    address: await resolveHost(parseAddress(request.server), request.server),
    token: readToken(request['token-file']),
    leave: () => Promise.resolve(),
  };
}

/** The address with its host as a number. Rejects with RSC_CONNECT_FAILED. */
export async function resolveHost(address: Address, text: string): Promise<Address> {
  if (address.kind !== 'tcp') return address;
  try {
    return { ...address, host: (await lookup(address.host)).address };
  } catch (cause) {
    throw new RscError(
      'RSC_CONNECT_FAILED',
      `cannot connect to ${text}: the name ${address.host} has no address`,
      'check the name',
      { cause },
    );
  }
}
