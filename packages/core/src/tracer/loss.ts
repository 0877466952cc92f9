/** What becomes of the tracees when the connection to their server is lost. */
import { errno } from '../abi/errno.js';
import type { RscError } from '../errors.js';
import type { Answer } from './steps.js';

/**
 * `kill`: they are ended. `eio`: their remote calls answer EIO from then on. `wait`: their remote calls wait, and nobody will
 * answer them.
 */
export const lossWays = ['kill', 'eio', 'wait'] as const;
export type OnLoss = (typeof lossWays)[number];

/** What the operator is told who has not let the tracees be ended. */
export function warningOf({ message }: RscError, onLoss: Exclude<OnLoss, 'kill'>): string {
  const follows =
    onLoss === 'eio'
      ? 'remote calls answer EIO from now on'
      : 'remote calls wait, and nobody will answer them: end the program, and run it again when the server is back';
  return `rsc: warning: ${message}; ${follows}`;
}

/** The answer to a call that cannot be sent. */
export const ioError: Answer = { result: BigInt(-errno.EIO), outputs: [] };
/** The answer to a call that nobody will answer, and that a signal has interrupted. */
export const interruption: Answer = { result: BigInt(-errno.EINTR), outputs: [] };
