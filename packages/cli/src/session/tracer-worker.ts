import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { RscError } from '@rsc/core/errors';
import type { Ending } from '@rsc/core/tracer/ending';
import type { Message, Order, Progress } from './messages.js';

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

/**
 * Has an order carried out in a thread of its own, and tells `meet` what happens on the way. Resolves with how the program ended,
 * if it did; rejects with an RscError when the order could not be carried out, or not to its end.
 */
export function carryOut(order: Order, meet: (progress: Progress) => void): Promise<Ending | undefined> {
  return new Promise((resolve, reject) => {
    const worker = warmUp();
    worker.on('message', (message: Message) => {
      if (message.kind === 'ended') resolve(message.ending);
      else if (message.kind === 'refused')
        reject(new RscError(message.code, message.message, message.suggestion));
      else meet(message);
    });
    worker.on('error', reject);
    worker.ref();
    worker.postMessage(order);
  });
}
