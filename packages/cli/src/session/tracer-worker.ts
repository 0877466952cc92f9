import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

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
