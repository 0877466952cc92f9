import type { Description } from './descriptors.js';

/** What an epoll waits for. */
export interface Interest {
  readonly epoll: Description;
  /** The number under which it was added. */
  readonly fd: number;
  /** The struct epoll_event. */
  readonly event: Buffer;
}

/**
 * An inotify instance of a tracee. It is local until something remote is watched: then its descriptors stand for those of an
 * instance that the twin has, and nothing of this machine can be watched by it.
 */
export class Inotify {
  /** Which epolls wait for it, as long as it is local: they will wait for the twin's. */
  interests: readonly Interest[] = [];
}
