/** The thread that traces: ptrace(2) answers only the thread that attached, and that one blocks in its calls. */
import { writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { native } from '@rsc/addon';
import { RscError } from '@rsc/core/errors';
import { run, type RunOptions } from '@rsc/core/tracer/start';
import type { Message } from './messages.js';

const STDERR = 2;

function tell(message: Message): void {
  parentPort?.postMessage(message);
}

function trace(options: RunOptions): void {
  try {
    const ending = run(native(), options, {
      started: (pid) => {
        tell({ kind: 'started', pid });
      },
      warn: (line) => {
        writeSync(STDERR, `${line}\n`);
      },
    });
    tell({ kind: 'ended', ending });
  } catch (error) {
    if (!(error instanceof RscError)) throw error;
    tell({ kind: 'refused', code: error.code, message: error.message, suggestion: error.suggestion });
  }
}

parentPort?.once('message', trace);
