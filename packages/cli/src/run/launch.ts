import { RscError } from '@rsc/core/errors';
import type { RunOptions } from '@rsc/core/tracer/start';
import type { Ending } from '@rsc/core/tracer/ending';
import type { Message } from '../session/messages.js';
import { warmUp } from '../session/tracer-worker.js';

/** Of the signals that rsc gets, these are the tracee's: a terminal sends them to the tracee as well, by itself. */
const fromTerminal = ['SIGINT', 'SIGQUIT'] as const;
/** These reach rsc alone, and are handed on. */
const handedOn = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/** Runs a program to its end in a thread of its own. Rejects with an RscError when it could not, or had to be ended. */
export function launch(options: RunOptions): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const worker = warmUp();
    let pid: number | undefined;
    for (const signal of fromTerminal) process.on(signal, () => undefined);
    for (const signal of handedOn) {
      process.on(signal, () => {
        if (pid !== undefined) process.kill(pid, signal);
      });
    }
    worker.on('message', (message: Message) => {
      if (message.kind === 'started') pid = message.pid;
      else if (message.kind === 'ended' && message.ending) resolve(message.ending);
      else if (message.kind === 'refused')
        reject(new RscError(message.code, message.message, message.suggestion));
    });
    worker.on('error', reject);
    worker.ref();
    worker.postMessage({ kind: 'run', options });
  });
}
