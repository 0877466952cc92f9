import { release } from 'node:os';
import { RscError } from '@rsc/core/errors';
import type { OnLoss } from '@rsc/core/tracer/loss';
import { chooseForAttach } from '@rsc/core/tracer/choice';
import { examine } from '@rsc/core/tracer/target';
import { wishes } from '@rsc/core/tracer/wish';
import { choosePolicy } from '../policy/choose.js';
import { reach, type Destination } from '../session/reach.js';
import { converse } from './converse.js';
import { parseDuration } from './duration.js';

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

/** The largest process id of any kernel (PID_MAX_LIMIT). */
const MAX_PID = 1 << 22;

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
        wishes: wishes(),
      },
      { where: server.name, detachAfterMs },
    );
    if (ending === undefined) return 0;
    return ending.signal === 0 ? ending.status : 128 + ending.signal;
  } finally {
    await server.leave();
  }
}

function parsePid(text: string): number {
  const pid = Number(text);
  if (/^\d+$/.test(text) && pid > 0 && pid <= MAX_PID) return pid;
  throw new RscError(
    'RSC_OPTION_INVALID',
    `${JSON.stringify(text)} is not the id of a process`,
    'see which processes there are: ps -e',
  );
}
