import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RscError } from '@rsc/core/errors';
import { ask } from './asking.js';
import { hasFolder, socketFolder, SOCKET } from './folder.js';
import type { Answer, Request, Session } from './requests.js';

/** A session that runs, and where it is asked. */
export interface Found extends Session {
  readonly path: string;
}

const PLACELESS = `rsc: warning: no session of this user can be found: there is no folder for their sockets
  try: name one that only you can enter, to rsc run and rsc attach as well: export XDG_RUNTIME_DIR=DIR
`;

/**
 * The sessions of this user that run, by the ids of their processes; a user whose sessions have no sockets is told so. Rejects with
 * RscError.
 */
export async function findSessions(): Promise<readonly Found[]> {
  const folder = socketFolder();
  if (folder === undefined) process.stderr.write(PLACELESS);
  if (folder === undefined || !hasFolder(folder)) return [];
  const paths = readdirSync(folder)
    .filter((name) => name.endsWith(SOCKET))
    .map((name) => join(folder, name));
  const answers = await Promise.all(paths.map(async (path) => foundAt(path, await tryAsking(path))));
  return answers.filter((found) => found !== undefined).sort((one, other) => one.pid - other.pid);
}

/** Asks a session. Rejects with RSC_SESSION_SILENT, also where it has ended meanwhile. */
export async function askFound({ path, id }: Found, request: Request): Promise<Answer> {
  const answer = await ask(path, request);
  if (answer !== undefined) return answer;
  throw new RscError('RSC_SESSION_SILENT', `cannot ask session ${id}: it has ended`);
}

/** The one with that id. Throws RSC_SESSION_UNKNOWN. */
export function sessionOfId(sessions: readonly Found[], id: string): Found {
  const found = sessions.find((session) => session.id === id);
  if (found !== undefined) return found;
  throw new RscError(
    'RSC_SESSION_UNKNOWN',
    `there is no session ${JSON.stringify(id)}`,
    'see which sessions there are: rsc ps',
  );
}

/** The one whose program the process is, or that traces it. Throws RSC_SESSION_UNKNOWN. */
export function sessionOfProcess(sessions: readonly Found[], pid: number): Found {
  const tracer = tracerOf(pid);
  const found = sessions.find((session) => session.pid === pid || session.rsc === tracer);
  if (found !== undefined) return found;
  throw new RscError(
    'RSC_SESSION_UNKNOWN',
    `process ${pid} is in no session of this user`,
    'see which sessions there are: rsc ps',
  );
}

/** A session that does not answer is told of, and left out: the others do. */
async function tryAsking(path: string): Promise<Answer | undefined> {
  try {
    return await ask(path, { kind: 'describe' });
  } catch (error) {
    if (!(error instanceof RscError)) throw error;
    process.stderr.write(`rsc: warning: ${error.message}\n`);
    return undefined;
  }
}

function foundAt(path: string, answer: Answer | undefined): Found | undefined {
  return answer?.kind === 'session' ? { ...answer, path } : undefined;
}

/** The process that traces another one, by a thread of its own; undefined where none does. */
function tracerOf(pid: number): number | undefined {
  const thread = statusField(pid, 'TracerPid');
  return thread === undefined || thread === 0 ? undefined : statusField(thread, 'Tgid');
}

function statusField(pid: number, name: string): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const found = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    // There is no such process.
    return undefined;
  }
}
