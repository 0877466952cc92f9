/** The thread that traces: ptrace(2) answers only the thread that attached, and that one blocks in its calls. */
import { writeFileSync, writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { native } from '@rsc/addon';
import { RscError } from '@rsc/core/errors';
import { attach } from '@rsc/core/tracer/attach';
import { run } from '@rsc/core/tracer/start';
import type { Ending } from '@rsc/core/tracer/ending';
import type { Message, Order } from './messages.js';

const STDERR = 2;

function tell(message: Message): void {
  parentPort?.postMessage(message);
}

function warn(line: string): void {
  writeSync(STDERR, `${line}\n`);
}

function carryOut(order: Order): Ending | undefined {
  if (order.kind === 'attach') {
    return attach(native(), order.options, {
      attached: () => {
        tell({ kind: 'attached' });
      },
      detached: (partings) => {
        tell({ kind: 'detached', partings });
      },
      stayed: (partings) => {
        tell({ kind: 'stayed', partings });
      },
      warn,
    });
  }
  return run(native(), order.options, {
    started: (pid) => {
      tell({ kind: 'started', pid });
    },
    warn,
    audited: (tally) => {
      if (order.audit !== undefined) writeFileSync(order.audit, `${JSON.stringify(tally)}\n`);
    },
  });
}

function trace(order: Order): void {
  try {
    tell({ kind: 'ended', ending: carryOut(order) });
  } catch (error) {
    if (!(error instanceof RscError)) throw error;
    tell({ kind: 'refused', code: error.code, message: error.message, suggestion: error.suggestion });
  }
}

parentPort?.once('message', trace);
