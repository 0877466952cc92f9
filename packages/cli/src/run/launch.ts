import type { RunOptions } from '@rsc/core/tracer/start';
import type { Ending } from '@rsc/core/tracer/ending';
import type { openControl } from '../live/open.js';
import { Controls } from '../live/controls.js';
import { endBy } from '../session/end-by.js';
import { carryOut, warmUp } from '../session/tracer-worker.js';

/** Of the signals that rsc gets, these are the tracee's: a terminal sends them to the tracee as well, by itself. */
const fromTerminal = ['SIGINT', 'SIGQUIT'] as const;
/** These reach rsc alone, and are handed on. */
const handedOn = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/** A program that has run for so long is one that somebody may want to see. What is shorter does not pay for its socket. */
const SEEN_AFTER_MS = 30;

/**
 * Runs a program to its end in a thread of its own, and writes what has been counted to the file `audit`. Rejects with an RscError
 * when it could not, or had to be ended.
 */
export async function launch(
  choices: Omit<RunOptions, 'meter' | 'wishes'>,
  server: string,
  audit: string | undefined,
): Promise<Ending> {
  const controls = new Controls(warmUp());
  const options: RunOptions = { ...choices, meter: controls.meter, wishes: controls.wishes };
  let pid: number | undefined;
  // Before there is a program, rsc ends as that would.
  for (const signal of fromTerminal) {
    process.on(signal, () => {
      if (pid === undefined) endBy(signal);
    });
  }
  for (const signal of handedOn) {
    process.on(signal, () => {
      if (pid === undefined) endBy(signal);
      else handOn(pid, signal);
    });
  }
  const ending = await carryOut({ kind: 'run', options, audit }, (progress) => {
    controls.meet(progress);
    if (progress.kind !== 'started') return;
    const { engine } = progress;
    const { argv, policy } = choices;
    pid = progress.pid;
    const identity = { pid, by: 'run', command: argv.join(' '), engine, server, policy } as const;
    setTimeout(() => void show(identity, controls), SEEN_AFTER_MS).unref();
  });
  if (ending === undefined) throw new TypeError('the program has not ended');
  return ending;
}

/** A program that has just ended gets none: timeout(1), for one, sends its signal to rsc and to the program. */
function handOn(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function show(identity: Parameters<typeof openControl>[0], controls: Controls): Promise<void> {
  const { openControl } = await import('../live/open.js');
  await openControl(identity, controls);
}
