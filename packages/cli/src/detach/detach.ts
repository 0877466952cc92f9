import { RscError } from '@rsc/core/errors';
import { detachedLines, stayedLines } from '../attach/lines.js';
import { parsePid } from '../attach/pid.js';
import { askFound, findSessions, sessionOfProcess } from '../live/sessions.js';

/** Has a process let go that `rsc attach` has; returns what `rsc detach` prints. Rejects with RscError. */
export async function detach(request: { readonly pid: string; readonly force: boolean }): Promise<string> {
  const pid = parsePid(request.pid);
  const session = sessionOfProcess(await findSessions(), pid);
  const answer = await askFound(session, { kind: 'detach', force: request.force });
  switch (answer.kind) {
    case 'detached':
      return detachedLines(answer.partings)
        .map((line) => `${line}\n`)
        .join('');
    case 'stayed':
      throw cannot(stayedLines(answer.partings).join('\n'), `rsc detach --pid ${pid} --force`);
    case 'refused':
      throw cannot(`cannot detach process ${pid}: ${answer.message}`, answer.suggestion);
    default:
      throw new TypeError(`an answer of kind ${answer.kind} to a request to detach`);
  }
}

function cannot(message: string, suggestion: string): RscError {
  return new RscError('RSC_DETACH_REFUSED', message, suggestion);
}
