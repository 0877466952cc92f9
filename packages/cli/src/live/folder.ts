/** Where the sockets of sessions are: a folder that only this user can enter. */
import { lstatSync, mkdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { RscError } from '@rsc/core/errors';

const PRIVATE = 0o700;
const OTHERS = 0o077;
/** What the name of a socket ends with; in front of it stands the session's id. */
export const SOCKET = '.sock';

/**
 * The folder (XDG Base Directory Specification); undefined for a user who has no place for it. Where the environment does not
 * name that place, as after su(1), it is where logins have it (pam_systemd(8)), if this user has logged in.
 */
export function socketFolder(): string | undefined {
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? '';
  if (isAbsolute(runtime)) return join(runtime, 'rsc');
  const user = process.geteuid?.();
  if (user === 0) return '/run/rsc';
  const usual = `/run/user/${user}`;
  return lstatSync(usual, { throwIfNoEntry: false })?.uid === user ? join(usual, 'rsc') : undefined;
}

/** Makes the folder, where it is not there yet. Throws RSC_FILE_UNWRITABLE, also where others could enter it. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: PRIVATE });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    if (code !== 'EEXIST') throw unusable(folder, code, cause);
  }
  mustBePrivate(folder);
}

/** Whether the folder is there. Throws RSC_FILE_UNWRITABLE where it is not this user's alone. */
export function hasFolder(folder: string): boolean {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return false;
  mustBePrivate(folder);
  return true;
}

function mustBePrivate(folder: string): void {
  const facts = lstatSync(folder);
  if (!facts.isDirectory()) throw unusable(folder, 'it is no folder');
  if (facts.uid !== process.geteuid?.()) throw unusable(folder, `it belongs to user ${facts.uid}`);
  if ((facts.mode & OTHERS) !== 0) throw unusable(folder, 'others can enter it');
}

function unusable(folder: string, reason: string, cause?: unknown): RscError {
  return new RscError(
    'RSC_FILE_UNWRITABLE',
    `cannot use ${folder} for the sockets of sessions: ${reason}`,
    'name a folder that only you can enter: XDG_RUNTIME_DIR=DIR',
    { cause },
  );
}
