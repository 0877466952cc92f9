import { rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { RscError } from '@rsc/core/errors';
import { firstLine } from './line.js';
import { lineOf, parseAnswer, type Answer, type Request } from './requests.js';

/** A session has to answer within this time. It may have to make snapshots first. */
const ANSWER_TIMEOUT_MS = 60_000;

/**
 * Asks the session behind a socket. Undefined: there is none, and what a killed one has left is removed. Rejects with
 * RSC_SESSION_SILENT where no answer comes, or none that can be read.
 */
export async function ask(path: string, request: Request): Promise<Answer | undefined> {
  const socket = createConnection({ path, allowHalfOpen: true });
  try {
    socket.write(lineOf(request));
    return parseAnswer(await firstLine(socket, ANSWER_TIMEOUT_MS));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') return undefined;
    if (code === 'ECONNREFUSED') {
      rmSync(path, { force: true });
      return undefined;
    }
    throw new RscError(
      'RSC_SESSION_SILENT',
      `cannot ask the session at ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      'see which sessions there are: rsc ps',
      { cause },
    );
  } finally {
    socket.destroy();
  }
}
