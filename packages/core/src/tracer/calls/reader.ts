import type { Call } from '../call.js';
import type { Read } from '../deadline.js';
import type { Context } from './context.js';

/** Reads the memory of a call's thread. */
export function reader({ step }: Context, { thread }: Call): Read {
  return (addr, size) => {
    const bytes = Buffer.alloc(size);
    return size === 0 || step.read(thread, addr, bytes) === size ? bytes : undefined;
  };
}
