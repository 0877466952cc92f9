/** Links of this machine's /proc and /dev that lead to what a tracee has on the server (proc(5)). */
import { isWithin } from './paths.js';
import type { TraceeProcess } from './process.js';

/** What such a link names of a process, and what the path has below it: '' or '/...'. */
export interface MagicLink {
  readonly process: TraceeProcess;
  /** A descriptor, its program, its working directory, its root. */
  readonly of: number | 'exe' | 'cwd' | 'root';
  readonly below: string;
}

/** Finds the process with a thread of that id, if it is traced. */
export type ProcessOf = (tid: number) => TraceeProcess | undefined;

const PATTERN =
  /^\/(?:dev\/fd\/(\d+)|proc\/(self|thread-self|\d+)(?:\/task\/\d+)?\/(?:fd\/(\d+)|(exe|cwd|root)))(\/.*)?$/;

const standardStreams: Readonly<Record<string, number>> = {
  '/dev/stdin': 0,
  '/dev/stdout': 1,
  '/dev/stderr': 2,
};

/** The link at the absolute path `name`, as `self` sees it, where the local kernel would follow it to a placeholder, or astray. */
export function magicLinkAt(self: TraceeProcess, name: string, processOf: ProcessOf): MagicLink | undefined {
  if (!isWithin(name, '/proc') && !isWithin(name, '/dev')) return undefined;
  const link = named(self, name, processOf);
  return link && leadsThere(link) ? link : undefined;
}

function named(self: TraceeProcess, name: string, processOf: ProcessOf): MagicLink | undefined {
  const stream = standardStreams[name];
  if (stream !== undefined) return { process: self, of: stream, below: '' };
  const match = PATTERN.exec(name);
  if (match === null) return undefined;
  const [, ownFd, whose = 'self', fd = ownFd, other = 'root', below = ''] = match;
  const process = /\d/.test(whose) && Number(whose) !== self.pid ? processOf(Number(whose)) : self;
  return process && { process, of: fd === undefined ? (other as 'exe' | 'cwd' | 'root') : Number(fd), below };
}

function leadsThere({ process, of }: MagicLink): boolean {
  if (typeof of === 'number') return process.descriptors.get(of) !== undefined;
  if (of === 'exe') return process.remoteImage !== '';
  return of === 'root' || process.directory.remote !== undefined;
}
