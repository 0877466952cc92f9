import { RscError } from '@rsc/core/errors';
import { formatAddress, type Address } from '@rsc/core/transport/address';

/** RSC_LISTEN_UNSAFE: who can reach the server without a token, and an address that only this machine reaches. */
export function unsafe(listen: Address, because: string, instead: string): RscError {
  return new RscError(
    'RSC_LISTEN_UNSAFE',
    `cannot listen on ${formatAddress(listen)} without a token: ${because}`,
    `give a token with --token-file FILE, or listen on ${instead}`,
  );
}

/** RSC_LISTEN_FAILED. */
export function failed(listen: Address, reason: string, suggestion: string, cause: unknown): RscError {
  return new RscError(
    'RSC_LISTEN_FAILED',
    `cannot listen on ${formatAddress(listen)}: ${reason}`,
    suggestion,
    { cause },
  );
}
