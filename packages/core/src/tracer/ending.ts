/** How the traced program ended. */
export interface Ending {
  /** The exit status, when no signal ended it. */
  readonly status: number;
  /** 0 when it exited. */
  readonly signal: number;
}
