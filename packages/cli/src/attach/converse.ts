import { native } from '@rsc/addon';
import { RscError } from '@rsc/core/errors';
import type { AttachOptions } from '@rsc/core/tracer/attach';
import { leaveWish, Wish } from '@rsc/core/tracer/wish';
import type { Ending } from '@rsc/core/tracer/ending';
import { warmUp } from '../session/tracer-worker.js';
import type { Message } from '../session/messages.js';
import { attachedLine, detachedLines, endedLine, stayedLines } from './lines.js';

/** What lets the process go: Ctrl-C, and what ends a program otherwise. */
const polite = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Attaches a process in a thread of its own, and tells the operator what happens. Resolves with how the process ended, or with
 * undefined when it has been let go. Rejects with an RscError.
 */
export function converse(
  options: AttachOptions,
  { where, detachAfterMs }: { readonly where: string; readonly detachAfterMs: number | undefined },
): Promise<Ending | undefined> {
  const wish = (kind: number) => {
    leaveWish(options.wishes, kind);
    native().interrupt();
  };
  for (const signal of polite) process.on(signal, () => wish(Wish.detach));
  process.on('SIGQUIT', () => wish(Wish.detachByForce));
  return new Promise((resolve, reject) => {
    const worker = warmUp();
    worker.on('message', (message: Message) => {
      switch (message.kind) {
        case 'attached':
          tell([attachedLine(options.target, where)]);
          if (detachAfterMs !== undefined) setTimeout(() => wish(Wish.detach), detachAfterMs).unref();
          break;
        case 'stayed':
          tell(stayedLines(message.partings));
          break;
        case 'detached':
          tell(detachedLines(message.partings));
          break;
        case 'ended':
          if (message.ending) tell([endedLine(options.target.pid, message.ending)]);
          resolve(message.ending);
          break;
        case 'refused':
          reject(new RscError(message.code, message.message, message.suggestion));
          break;
        case 'started':
          break;
      }
    });
    worker.on('error', reject);
    worker.ref();
    worker.postMessage({ kind: 'attach', options });
  });
}

function tell(lines: readonly string[]): void {
  process.stderr.write(lines.map((line) => `rsc: ${line}\n`).join(''));
}
