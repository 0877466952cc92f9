import { release } from 'node:os';
import type { Exec } from '@rsc/core/tracer/local-paths';
import type { OnLoss } from '@rsc/core/tracer/loss';
import { chooseEngine } from '@rsc/core/tracer/choice';
import { choosePolicy } from '../policy/choose.js';
import { reach, type Destination } from '../session/reach.js';
import { findProgram } from './program.js';
import { launch } from './launch.js';

/** What a user asks of `rsc run`. */
export interface RunRequest extends Destination {
  readonly syscalls?: string | undefined;
  readonly policy?: string | undefined;
  readonly engine: string;
  /** What a policy that is loaded later may speak of. */
  readonly reloadable?: string | undefined;
  readonly cwd?: string | undefined;
  /** A file for what an audit has counted. */
  readonly audit?: string | undefined;
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
    const { status, signal } = await launch(
      {
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
        reloadable: request.reloadable,
        audited: request.audit !== undefined,
      },
      server.name,
      request.audit,
    );
    return signal === 0 ? status : 128 + signal;
  } finally {
    await server.leave();
  }
}
