/**
 * An epoll of a tracee. It is local, and so is all that is local in it; for what is remote the twin has another one, whose
 * number the tracee's descriptors of it have in their table.
 */
export class Epoll {
  /** Whether the twin's exists. */
  isPlaced = false;
  /** Whether something remote has been added: from then on both sides are waited for. */
  hasRemote = false;
  /** Whether another epoll waits for this one. */
  isNested = false;
  /** Whether the next look is at the twin's first. */
  remoteFirst = false;
  /** Events that were taken from the twin's, and that the tracee's memory did not take. */
  kept: Buffer | undefined;
}
