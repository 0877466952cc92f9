/** Policies for sessions that run. */
import { RscError } from '@rsc/core/errors';
import type { Follows } from '../live/requests.js';
import { askFound, findSessions, sessionOfId, type Found } from '../live/sessions.js';
import { loading, marks } from './loading.js';
import { readPolicy } from './source.js';

/**
 * Makes a policy the active one and has all running sessions follow it, or only the session `id`; `say` gets what is printed.
 * Rejects with RscError: as readPolicy and writeActive throw, and where a session goes on as it was.
 */
export async function loadLive(
  file: string,
  id: string | undefined,
  say: (text: string) => void,
): Promise<void> {
  const policy = readPolicy(file);
  const sessions = id === undefined ? undefined : [sessionOfId(await findSessions(), id)];
  if (sessions === undefined) say(loading(policy));
  const errors: RscError[] = [];
  for (const session of sessions ?? (await findSessions())) {
    try {
      say(await follow(session, policy.name, policy.text));
    } catch (error) {
      if (!(error instanceof RscError)) throw error;
      errors.push(error);
    }
  }
  const [first, ...others] = errors;
  if (first === undefined) return;
  const message = [first, ...others].map((error) => error.message).join('\n');
  throw new RscError(first.code, message, first.suggestion);
}

async function follow(session: Found, name: string, text: string): Promise<string> {
  const answer = await askFound(session, { kind: 'policy', text });
  if (answer.kind === 'follows') return report(session, answer);
  const reason = answer.kind === 'refused' ? answer.message : `its answer is of kind ${answer.kind}`;
  throw new RscError(
    'RSC_POLICY_NOT_FOLLOWED',
    `cannot load ${name} into ${titleOf(session)}, which goes on as it was: ${reason}`,
    answer.kind === 'refused' ? answer.suggestion : undefined,
  );
}

function report(session: Found, { changes, ...stays }: Follows): string {
  const changed = changes
    .filter(({ kind }) => kind !== 'same')
    .map(({ kind, text }) => `${marks[kind]} ${text}`);
  const lines = [...(changed.length === 0 ? ['nothing changes'] : changed), ...stayLines(stays)];
  return `${titleOf(session)} goes by it from its next calls on\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** What stays as it was. */
function stayLines({ descriptors, directories, caught }: Omit<Follows, 'changes'>): string[] {
  const lines: string[] = [];
  if (descriptors > 0)
    lines.push(`${descriptors} open ${descriptors === 1 ? 'descriptor stays' : 'descriptors stay'} remote`);
  if (directories.length > 0)
    lines.push(`the working directory stays remote of process ${directories.join(', ')}`);
  if (caught > 0)
    lines.push(
      `${caught} ${caught === 1 ? 'call is' : 'calls are'} caught still, and ${caught === 1 ? 'runs' : 'run'} here or where descriptors are`,
    );
  return lines;
}

function titleOf({ id, pid, command }: Found): string {
  const [program = ''] = command.split(' ');
  return `session ${id} (process ${pid}, ${program})`;
}
