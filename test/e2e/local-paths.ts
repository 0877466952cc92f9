import { existsSync, statSync } from 'node:fs';
import { defaultLocalPaths } from '@rsc/core/tracer/local-paths';

/** The paths of this machine that a tracee sees whatever the server has; those that exist here. */
export const localPaths = defaultLocalPaths.map(({ path }) => path).filter((path) => existsSync(path));

/** Where a native run in a server's root finds the guest programs. */
export const guestMount = '/guest';

/** What is no part of a server's tree: the places at which the oracle shows this machine's files. */
export const mountPoints = [...localPaths, guestMount];

export function isFolder(path: string): boolean {
  return path === guestMount || statSync(path).isDirectory();
}
