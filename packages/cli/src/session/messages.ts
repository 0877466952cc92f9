import type { RscErrorCode } from '@rsc/core/errors';
import type { AttachOptions } from '@rsc/core/tracer/attach';
import type { Policy } from '@rsc/core/policy/policy';
import type { Engine } from '@rsc/core/tracer/choice';
import type { Parting } from '@rsc/core/tracer/release';
import type { Followed } from '@rsc/core/tracer/reloading';
import type { RunOptions } from '@rsc/core/tracer/start';
import type { Ending } from '@rsc/core/tracer/ending';

/** What the tracer's thread is told to do: once. */
export type Order =
  /** `audit`: the file that what is counted goes to. */
  | { readonly kind: 'run'; readonly options: RunOptions; readonly audit: string | undefined }
  | { readonly kind: 'attach'; readonly options: AttachOptions };

/** What it is sent later: it looks for it when it is announced (core/tracer/wish.ts). */
export interface Later {
  readonly kind: 'policy';
  readonly policy: Policy;
}

/** What the tracer's thread tells on the way. */
export type Progress =
  | { readonly kind: 'started'; readonly pid: number; readonly engine: Engine }
  /** A server is there, and the process is about to be attached. */
  | { readonly kind: 'reached' }
  | { readonly kind: 'attached'; readonly engine: Engine }
  /** Of processes that are let go, or that stay attached for what they would lose. */
  | { readonly kind: 'detached' | 'stayed'; readonly partings: readonly Parting[] }
  | { readonly kind: 'followed'; readonly outcome: Followed };

/** What the tracer's thread tells the main thread. */
export type Message =
  | Progress
  /** The work is done; without an ending the process has been let go. */
  | { readonly kind: 'ended'; readonly ending: Ending | undefined }
  | {
      readonly kind: 'refused';
      readonly code: RscErrorCode;
      readonly message: string;
      readonly suggestion: string | undefined;
    };
