import { native } from '@rsc/addon';
import type { AttachOptions } from '@rsc/core/tracer/attach';
import { leaveWish, Wish } from '@rsc/core/tracer/wish';
import type { Ending } from '@rsc/core/tracer/ending';
import { carryOut } from '../session/tracer-worker.js';
import { attachedLine, detachedLines, endedLine, stayedLines } from './lines.js';

/** What lets the process go: Ctrl-C, and what ends a program otherwise. */
const polite = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Attaches a process in a thread of its own, and tells the operator what happens. Resolves with how the process ended, or with
 * undefined when it has been let go. Rejects with an RscError.
 */
export async function converse(
  options: AttachOptions,
  { where, detachAfterMs }: { readonly where: string; readonly detachAfterMs: number | undefined },
): Promise<Ending | undefined> {
  const wish = (kind: number) => {
    leaveWish(options.wishes, kind);
    native().interrupt();
  };
  for (const signal of polite) process.on(signal, () => wish(Wish.detach));
  process.on('SIGQUIT', () => wish(Wish.detachByForce));
  const ending = await carryOut({ kind: 'attach', options }, (progress) => {
    if (progress.kind === 'attached') {
      tell([attachedLine(options.target, where)]);
      if (detachAfterMs !== undefined) setTimeout(() => wish(Wish.detach), detachAfterMs).unref();
    } else if (progress.kind !== 'started') {
      tell((progress.kind === 'stayed' ? stayedLines : detachedLines)(progress.partings));
    }
  });
  if (ending) tell([endedLine(options.target.pid, ending)]);
  return ending;
}

function tell(lines: readonly string[]): void {
  process.stderr.write(lines.map((line) => `rsc: ${line}\n`).join(''));
}
