/** Waiting for several descriptors at once. */
import { errno } from '../../abi/errno.js';
import { MAX_PAYLOAD } from '../../protocol/limits.js';
import type { Call } from '../call.js';
import { timeoutOf } from '../deadline.js';
import { isOpenHere } from '../router.js';
import { NOT_THERE } from '../descriptors.js';
import type { Steps } from '../steps.js';
import type { Translated } from '../watched.js';
import type { Context } from './context.js';
import { ELSEWHERE } from './epoll.js';
import { reader } from './reader.js';
import { changesMask } from './signal-mask.js';
import { askThere, conclude, interrupted, remember, type Wait } from './wait.js';
import { fitsHere, waitOnBothSides } from './wait-both.js';
import { watchedBy } from './watched.js';

/** No process has a descriptor of this number: the kernel says of it what it says of every one that is not open. */
const NEVER_OPEN = 0x7fff_ffff;
/** How many bytes of descriptors one argument may have: three of them fit a frame. */
const MAX_SENT = MAX_PAYLOAD / 4;

/** Waiting for descriptors runs on the side that has all of them, and on both where that takes no time. */
export function* watch(context: Context, call: Call, until?: number): Steps {
  const { thread, row } = call;
  thread.unfinished = undefined;
  const { descriptors } = thread.process;
  if (descriptors.isUnused) return undefined;
  const read = reader(context, call);
  const watched = watchedBy(call, read);
  if (!watched?.fds.some((fd) => descriptors.held(fd))) return undefined;
  const after = row.facts.find(({ kind }) => kind === 'timesOut');
  const asked = after?.kind === 'timesOut' ? timeoutOf(call, after.after, read) : undefined;
  // What is wrong with the call the tracee's kernel finds too, and in the right order.
  if (asked === undefined) return undefined;
  const since = performance.now();
  const isResumed = until !== undefined && asked.ns !== undefined;
  const ns = isResumed ? BigInt(Math.max(0, Math.ceil((until - since) * 1e6))) : asked.ns;
  const timeout = { ...asked, ns };
  if (!watched.fds.some((fd) => descriptors.awaited(fd))) {
    remember({ call, timeout, since });
    return undefined;
  }
  const isMasked = changesMask(call, read);
  if (isMasked === undefined) return undefined;
  return yield* wait(context, { call, watched, timeout, isMasked, since });
}

function* wait(context: Context, begun: Wait): Steps {
  const { call, watched, isMasked } = begun;
  const { process } = call.thread;
  const { descriptors } = process;
  if (watched.fds.some((fd) => descriptors.awaited(fd)?.number === NOT_THERE))
    return refuse(context, call, ELSEWHERE);
  const others = watched.fds.filter((fd) => !descriptors.get(fd));
  const open = new Set(others.filter((fd) => isOpenHere(process, fd)));
  // select(2) refuses a set that has what is not open.
  if (!watched.writesAlways && open.size < others.length) return undefined;
  const there = watched.translate(
    (fd) => descriptors.awaited(fd)?.number ?? (open.has(fd) ? undefined : NEVER_OPEN),
  );
  if (there.memory.some(([, bytes]) => bytes.length > MAX_SENT))
    return refuse(context, call, 'there are too many descriptors to wait for remotely');
  watched.markReadable((fd) => descriptors.get(fd)?.description.leftover !== undefined);
  if (open.size === 0 && !isMasked) return yield* waitThere(context, begun, there);
  const here = watched.translate((fd) => (open.has(fd) ? fd : undefined));
  if (!fitsHere(here))
    return refuse(context, call, 'there are too many descriptors to wait for on both sides');
  return yield* waitOnBothSides(context, begun, there, here);
}

function refuse(context: Context, call: Call, because: string): bigint {
  return context.refusal(call, { side: 'refused', errno: errno.ENOSYS, because });
}

function* waitThere(context: Context, begun: Wait, there: Translated): Steps {
  const { call, timeout, watched } = begun;
  const result = yield* askThere(context, begun, there, watched.ready > 0 ? 0n : timeout.ns);
  if (result === BigInt(-errno.EINTR) && call.thread.cancelled) return interrupted(context, begun);
  return result < 0n ? result : conclude(context, begun);
}
