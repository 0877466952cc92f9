/** What `rsc attach` says. */
import type { Parting } from '@rsc/core/tracer/release';
import type { Target } from '@rsc/core/tracer/target';
import type { Ending } from '@rsc/core/tracer/ending';

/** `where`: the server's name. */
export function attachedLine({ pid, name, isFiltered }: Target, where: string): string {
  const filtered = isFiltered ? '; its own seccomp filters do not see its remote calls' : '';
  return `attached to process ${pid} (${name}), whose calls go to ${where}${filtered}; Ctrl-C lets it go`;
}

/** A line for each process, with what it keeps and what it has lost. */
export function detachedLines(partings: readonly Parting[]): string[] {
  return partings.flatMap(({ pid, kept, lost }) => [
    `let go of process ${pid}${kept.length === 0 ? '' : `, which has local snapshots now: ${kept.join(', ')}`}`,
    ...lost.map((line) => `process ${pid} has lost ${line}`),
  ]);
}

export function stayedLines(partings: readonly Parting[]): string[] {
  const pids = partings.map(({ pid }) => pid).join(', ');
  return [
    `cannot let go of process ${pids}, which would lose what this machine cannot give it`,
    ...partings.flatMap(({ pid, lost }) => lost.map((line) => `process ${pid}: ${line}`)),
    'it stays attached; have it close them, or press Ctrl-\\ (SIGQUIT) to let it go by force',
  ];
}

export function endedLine(pid: number, { status, signal }: Ending): string {
  return signal === 0
    ? `process ${pid} has ended with exit status ${status}`
    : `process ${pid} was ended by signal ${signal}`;
}
