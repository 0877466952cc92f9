import { isWithin } from './paths.js';

/** A path that stays on the tracee's machine with all below it, and why. */
export interface LocalPath {
  readonly path: string;
  readonly why: string;
}

const programs = 'programs and shared libraries run here';

/** What is local whatever the set: programs, their libraries and language files, and what belongs to this machine. */
export const defaultLocalPaths: readonly LocalPath[] = [
  { path: '/bin', why: programs },
  { path: '/sbin', why: programs },
  { path: '/lib', why: programs },
  { path: '/lib32', why: programs },
  { path: '/lib64', why: programs },
  { path: '/libx32', why: programs },
  { path: '/usr', why: programs },
  { path: '/etc/ld.so.cache', why: 'the dynamic linker finds local libraries by it' },
  { path: '/etc/ld.so.preload', why: 'the dynamic linker finds local libraries by it' },
  { path: '/etc/alternatives', why: 'links between local programs' },
  { path: '/dev', why: 'terminals and devices belong to this machine' },
  { path: '/proc', why: 'the processes are here' },
  { path: '/sys', why: 'the kernel is here' },
];

/** Whether the normalised absolute path belongs to the tracee's machine by default. */
export function isLocalPath(path: string): boolean {
  return defaultLocalPaths.some((entry) => isWithin(path, entry.path));
}
