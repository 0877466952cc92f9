/** Events that a claimed wait has taken from the tracee's own epoll before the tracer was told of it. */
import { constant } from '../../abi/constants.js';
import { layoutOf, structSize } from '../../abi/structs.js';
import type { Call } from '../call.js';
import { epollEntries } from '../proc.js';
import type { TraceeThread } from '../process.js';
import type { Context } from './context.js';
import { reader } from './reader.js';

const EVENT = structSize('epoll_event');
const [DATA = 0] = layoutOf('epoll_event').fields['data'] ?? [];
const GIVEN_ONCE = constant('EPOLLET') | constant('EPOLLONESHOT');

/** Where events stand in the tracee's memory. */
interface Found {
  readonly addr: bigint;
  readonly count: number;
}

/** How many there are. */
export function foundHere({ ran }: TraceeThread): number {
  return ran?.isKept && ran.result > 0n ? Number(ran.result) : 0;
}

/**
 * Puts those last that may be written over, and says how many stand before them. They are events of levels: the kernel has put
 * these back behind all others (fs/eventpoll.c: ep_send_events), and the next wait finds them again.
 */
export function makeRoom(context: Context, call: Call, epoll: number, { addr, count }: Found): number {
  const bytes = reader(context, call)(addr, count * EVENT);
  if (bytes === undefined) return count;
  const entries = epollEntries(call.thread.process.pid, epoll);
  const isLevel = (event: Buffer) => {
    const known = entries.filter(({ data }) => data === event.readBigUInt64LE(DATA));
    return known.length > 0 && known.every(({ events }) => (events & GIVEN_ONCE) === 0);
  };
  const events = Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * EVENT, (index + 1) * EVENT),
  );
  const once = events.filter((event) => !isLevel(event));
  const ordered = Buffer.concat([...once, ...events.filter(isLevel)]);
  return context.step.write(call.thread, addr, ordered) === ordered.length ? once.length : count;
}
