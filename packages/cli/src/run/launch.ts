import type { RunOptions } from '@rsc/core/tracer/start';
import type { Ending } from '@rsc/core/tracer/ending';
import { carryOut } from '../session/tracer-worker.js';

/** Of the signals that rsc gets, these are the tracee's: a terminal sends them to the tracee as well, by itself. */
const fromTerminal = ['SIGINT', 'SIGQUIT'] as const;
/** These reach rsc alone, and are handed on. */
const handedOn = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/** Runs a program to its end in a thread of its own, and writes what has been counted to the file `audit`. Rejects with an RscError when it could not, or had to be ended. */
export async function launch(options: RunOptions, audit: string | undefined): Promise<Ending> {
  let pid: number | undefined;
  for (const signal of fromTerminal) process.on(signal, () => undefined);
  for (const signal of handedOn) {
    process.on(signal, () => {
      if (pid !== undefined) process.kill(pid, signal);
    });
  }
  const ending = await carryOut({ kind: 'run', options, audit }, (progress) => {
    if (progress.kind === 'started') pid = progress.pid;
  });
  if (ending === undefined) throw new TypeError('the program has not ended');
  return ending;
}
