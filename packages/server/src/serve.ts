import pino from 'pino';
import { RscError } from '@rsc/core/errors';
import { readToken } from '@rsc/core/token';
import { formatAddress, parseAddress } from '@rsc/core/transport/address';
import { DEFAULT_LISTEN } from './options.js';
import { startServer } from './server.js';

/** What an operator asks of `rsc-server` and `rsc serve`. */
export interface ServeRequest {
  readonly listen?: string | undefined;
  readonly root?: string | undefined;
  readonly 'token-file'?: string | undefined;
  readonly 'read-only'?: boolean | undefined;
  readonly 'max-sessions'?: string | undefined;
}

/**
 * Serves until SIGTERM or SIGINT: the first ends when the last session does, the second ends the sessions too. Rejects
 * with RscError when the server cannot start.
 */
export async function serve(request: ServeRequest): Promise<void> {
  const logger = pino();
  const server = await startServer({
    listen: parseAddress(request.listen ?? DEFAULT_LISTEN),
    root: request.root ?? '',
    token: readToken(request['token-file']),
    readOnly: request['read-only'] ?? false,
    ...(request['max-sessions'] === undefined ? {} : { maxSessions: positive(request['max-sessions']) }),
    logger,
  });
  await new Promise<void>((resolve) => {
    let isDraining = false;
    const stop = (signal: NodeJS.Signals) => {
      logger.info({ signal }, isDraining ? 'ending the sessions' : 'draining: no new sessions are taken');
      void (isDraining ? server.close() : server.drain()).then(resolve);
      isDraining = true;
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
    logger.info({ address: formatAddress(server.address), root: request.root }, 'listening');
  });
  logger.info('stopped');
}

function positive(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new RscError(
    'RSC_OPTION_INVALID',
    `cannot take ${text} sessions: it is not a positive whole number`,
    '--max-sessions 64',
  );
}
