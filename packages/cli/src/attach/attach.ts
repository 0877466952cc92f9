import { release } from 'node:os';
import type { OnLoss } from '@rsc/core/tracer/loss';
import { chooseForAttach } from '@rsc/core/tracer/choice';
import { examine } from '@rsc/core/tracer/target';
import { choosePolicy } from '../policy/choose.js';
import { reach, type Destination } from '../session/reach.js';
import { converse } from './converse.js';
import { parseDuration } from './duration.js';
import { parsePid } from './pid.js';

/** What a user asks of `rsc attach`. */
export interface AttachRequest extends Destination {
  readonly pid: string;
  readonly syscalls?: string | undefined;
  readonly policy?: string | undefined;
  readonly engine: 'auto' | 'ebpf' | 'ptrace';
  readonly 'on-disconnect': OnLoss;
  readonly 'detach-after'?: string | undefined;
  readonly force: boolean;
}

/** Attaches a process until it ends or is let go; returns the exit status for rsc. Rejects with RscError. */
export async function attachProcess(request: AttachRequest): Promise<number> {
  const pid = parsePid(request.pid);
  const after = request['detach-after'];
  const detachAfterMs = after === undefined ? undefined : parseDuration(after);
  const target = examine(pid);
  const policy = await choosePolicy(request);
  const server = await reach(request);
  try {
    const ending = await converse(
      {
        target,
        address: server.address,
        token: server.token,
        policy,
        exec: 'local',
        engine: chooseForAttach(request.engine, release()),
        onLoss: request['on-disconnect'],
        force: request.force,
      },
      { where: server.name, detachAfterMs },
    );
    if (ending === undefined) return 0;
    return ending.signal === 0 ? ending.status : 128 + ending.signal;
  } finally {
    await server.leave();
  }
}
