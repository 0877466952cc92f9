import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { RscError } from '@rsc/core/errors';
import type { RunOptions } from '@rsc/core/tracer/start';
import type { Ending } from '@rsc/core/tracer/tracer';
import type { Message } from './messages.js';

/** Of the signals that rsc gets, these are the tracee's: a terminal sends them to the tracee as well, by itself. */
const fromTerminal = ['SIGINT', 'SIGQUIT'] as const;
/** These reach rsc alone, and are handed on. */
const handedOn = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

let warm: Worker | undefined;

/** Starts the tracer's thread, so that it loads its code while the command line is read. Holds up nobody's end. */
export function warmUp(): Worker {
  if (warm === undefined) {
    // Without stdout: true the worker would make streams of the tracee's terminal; none of its own are used.
    warm = new Worker(join(__dirname, 'tracer-thread.js'), { stdout: true, stderr: true });
    warm.unref();
  }
  return warm;
}

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
      else if (message.kind === 'ended') resolve(message.ending);
      else reject(new RscError(message.code, message.message, message.suggestion));
    });
    worker.on('error', reject);
    worker.ref();
    worker.postMessage(options);
  });
}
