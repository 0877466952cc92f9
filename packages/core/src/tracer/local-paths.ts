import { isWithin } from './paths.js';

/** A path that stays on the tracee's machine with all below it, and why. */
export interface LocalPath {
  readonly path: string;
  readonly why: string;
  /** It belongs to this machine whatever else comes from the server. */
  readonly always?: true;
}

/** Where programs come from, with the files by which they find their libraries. */
export type Exec = 'local' | 'remote';

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
  { path: '/dev', why: 'terminals and devices belong to this machine', always: true },
  { path: '/proc', why: 'the processes are here', always: true },
  { path: '/sys', why: 'the kernel is here', always: true },
];

/** What is local where programs come from there. */
export function localPathsFor(exec: Exec): readonly LocalPath[] {
  return exec === 'local' ? defaultLocalPaths : defaultLocalPaths.filter(({ always }) => always);
}

/** Whether the normalised absolute path is one of `paths`, or below one. */
export function isLocalPath(path: string, paths: readonly LocalPath[]): boolean {
  return paths.some((entry) => isWithin(path, entry.path));
}
