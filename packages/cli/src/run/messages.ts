import type { RscErrorCode } from '@rsc/core/errors';
import type { Ending } from '@rsc/core/tracer/tracer';

/** What the tracer's thread tells the main thread. */
export type Message =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'ended'; readonly ending: Ending }
  | {
      readonly kind: 'refused';
      readonly code: RscErrorCode;
      readonly message: string;
      readonly suggestion: string | undefined;
    };
