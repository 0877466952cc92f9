import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RscError } from '@rsc/core/errors';

/** What execvp(3) searches when the environment names no PATH (confstr(3), _CS_PATH). */
const DEFAULT_PATH = '/bin:/usr/bin';

/**
 * The absolute path of a program as execvp(3) finds it: by PATH, or where it has a slash as it is. Throws
 * RSC_PROGRAM_NOT_FOUND or RSC_PROGRAM_NOT_EXECUTABLE.
 */
export function findProgram(name: string, path = DEFAULT_PATH): string {
  const candidates = name.includes('/')
    ? [resolve(name)]
    : path.split(':').map((directory) => join(resolve(directory), name));
  const files = candidates.filter((file) => statSync(file, { throwIfNoEntry: false }) !== undefined);
  const found = files.find(isExecutable);
  if (found !== undefined) return found;
  const [first] = files;
  if (first !== undefined) {
    throw new RscError(
      'RSC_PROGRAM_NOT_EXECUTABLE',
      `cannot run ${first}: it is not an executable file`,
      `make it executable: chmod +x ${first}`,
    );
  }
  throw new RscError(
    'RSC_PROGRAM_NOT_FOUND',
    `cannot run ${name}: ${name.includes('/') ? 'no such file here' : 'no such program in PATH'}`,
    'programs run from this machine: install it here, or name it by its path',
  );
}

function isExecutable(file: string): boolean {
  if (!statSync(file).isFile()) return false;
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // access(2) is asked, not told: that it fails is the answer.
    return false;
  }
}
