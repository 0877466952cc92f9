/** The active policy: a file of the user's, which every `rsc run` reads that is not told otherwise. */
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { RscError } from '@rsc/core/errors';

/** Where the active policy is kept (XDG Base Directory Specification); undefined for a user without a home. */
export function activePath(): string | undefined {
  const config = process.env['XDG_CONFIG_HOME'] ?? '';
  const home = homeOfUser();
  if (isAbsolute(config)) return join(config, 'rsc/policy.yaml');
  return home === undefined ? undefined : join(home, '.config/rsc/policy.yaml');
}

/** The text of the active policy; undefined where none is active. Throws RSC_FILE_UNREADABLE. */
export function readActive(): string | undefined {
  const path = activePath();
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR' || isSomebodyElses(path)) return undefined;
    throw new RscError(
      'RSC_FILE_UNREADABLE',
      `cannot read the active policy ${path}: ${code}`,
      'name a policy with --policy FILE or calls with --syscalls SET, or: rsc policy unload',
      { cause },
    );
  }
}

/** Makes a text the active policy, all at once; returns where it is. Throws RSC_FILE_UNWRITABLE. */
export function writeActive(text: string): string {
  const path = activePath();
  if (path === undefined) throw unwritable('the active policy', 'this user has no home');
  const beside = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(beside, text);
    renameSync(beside, path);
  } catch (cause) {
    throw unwritable(path, codeOf(cause), cause);
  }
  return path;
}

/** Forgets the active policy. Throws RSC_FILE_UNWRITABLE. */
export function removeActive(): void {
  const path = activePath();
  if (path === undefined) return;
  try {
    rmSync(path, { force: true });
  } catch (cause) {
    throw unwritable(path, codeOf(cause), cause);
  }
}

function homeOfUser(): string | undefined {
  try {
    return process.env['HOME'] || homedir();
  } catch {
    // A user that no database knows has neither a home nor an active policy.
    return undefined;
  }
}

/** Whether the user may not even look for the file: with the environment of another user, in whose home it would be. */
function isSomebodyElses(path: string): boolean {
  try {
    lstatSync(path);
    return false;
  } catch (cause) {
    return codeOf(cause) === 'EACCES';
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function unwritable(path: string, reason: string, cause?: unknown): RscError {
  return new RscError(
    'RSC_FILE_UNWRITABLE',
    `cannot write ${path}: ${reason}`,
    'name a folder that you can write to: XDG_CONFIG_HOME=DIR',
    { cause },
  );
}
