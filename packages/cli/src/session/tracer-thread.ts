/** The thread that traces: ptrace(2) answers only the thread that attached, and that one blocks in its calls. */
import { writeFileSync, writeSync } from 'node:fs';
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { native } from '@rsc/addon';
import { RscError } from '@rsc/core/errors';
import type { Policy } from '@rsc/core/policy/policy';
import { attach } from '@rsc/core/tracer/attach';
import type { Followed } from '@rsc/core/tracer/reloading';
import { run } from '@rsc/core/tracer/start';
import type { Ending } from '@rsc/core/tracer/ending';
import type { Later, Message, Order } from './messages.js';

const STDERR = 2;

function tell(message: Message): void {
  parentPort?.postMessage(message);
}

function warn(line: string): void {
  writeSync(STDERR, `${line}\n`);
}

/** This thread hears no messages while it traces, but it can look for them. */
function nextPolicy(): Policy | undefined {
  const received = parentPort && receiveMessageOnPort(parentPort);
  return (received as { readonly message: Later } | undefined)?.message.policy;
}

function followed(outcome: Followed): void {
  tell({ kind: 'followed', outcome });
}

function carryOut(order: Order): Ending | undefined {
  if (order.kind === 'attach') {
    return attach(native(), order.options, {
      reached: () => {
        tell({ kind: 'reached' });
      },
      attached: (engine) => {
        tell({ kind: 'attached', engine });
      },
      detached: (partings) => {
        tell({ kind: 'detached', partings });
      },
      stayed: (partings) => {
        tell({ kind: 'stayed', partings });
      },
      nextPolicy,
      followed,
      warn,
    });
  }
  return run(native(), order.options, {
    started: (pid, engine) => {
      tell({ kind: 'started', pid, engine });
    },
    nextPolicy,
    followed,
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
