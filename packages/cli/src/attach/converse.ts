import type { AttachOptions } from '@rsc/core/tracer/attach';
import type { Ending } from '@rsc/core/tracer/ending';
import { Controls } from '../live/controls.js';
import { openControl } from '../live/open.js';
import { endBy } from '../session/end-by.js';
import { carryOut, warmUp } from '../session/tracer-worker.js';
import { attachedLine, detachedLines, endedLine, stayedLines } from './lines.js';

/** What lets the process go: Ctrl-C, and what ends a program otherwise. */
const polite = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Attaches a process in a thread of its own, and tells the operator what happens. Resolves with how the process ended, or with
 * undefined when it has been let go. Rejects with an RscError.
 */
export async function converse(
  choices: Omit<AttachOptions, 'meter' | 'wishes'>,
  { where, detachAfterMs }: { readonly where: string; readonly detachAfterMs: number | undefined },
): Promise<Ending | undefined> {
  const controls = new Controls(warmUp());
  const options: AttachOptions = { ...choices, meter: controls.meter, wishes: controls.wishes };
  let isReached = false;
  for (const signal of [...polite, 'SIGQUIT'] as const) {
    process.on(signal, () => {
      if (isReached) controls.wishRelease(signal === 'SIGQUIT');
      else endBy(signal);
    });
  }
  const ending = await carryOut({ kind: 'attach', options }, (progress) => {
    controls.meet(progress);
    if (progress.kind === 'reached') {
      isReached = true;
    } else if (progress.kind === 'attached') {
      const { policy, target } = options;
      const { engine } = progress;
      const { pid, name: command } = target;
      void openControl({ pid, by: 'attach', command, engine, server: where, policy }, controls);
      tell([attachedLine(options.target, where)]);
      if (detachAfterMs !== undefined) setTimeout(() => controls.wishRelease(false), detachAfterMs).unref();
    } else if (progress.kind === 'detached' || progress.kind === 'stayed') {
      tell((progress.kind === 'stayed' ? stayedLines : detachedLines)(progress.partings));
    }
  });
  if (ending) tell([endedLine(options.target.pid, ending)]);
  return ending;
}

function tell(lines: readonly string[]): void {
  process.stderr.write(lines.map((line) => `rsc: ${line}\n`).join(''));
}
