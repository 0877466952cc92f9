import { readFileSync } from 'node:fs';
import { RscError } from './errors.js';

/** The token in the first line of a file. Throws RSC_FILE_UNREADABLE, also for an empty one. */
export function readToken(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  let token: string;
  try {
    token = readFileSync(file, 'utf8').split('\n', 1)[0] ?? '';
  } catch (cause) {
    throw unreadable(
      file,
      cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause),
      cause,
    );
  }
  if (token === '') throw unreadable(file, 'its first line is empty');
  return token;
}

function unreadable(file: string, reason: string, cause?: unknown): RscError {
  return new RscError(
    'RSC_FILE_UNREADABLE',
    `cannot read a token from ${file}: ${reason}`,
    'name a file with the token in its first line',
    { cause },
  );
}
