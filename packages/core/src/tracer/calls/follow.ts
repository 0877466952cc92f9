/** Calls that go where their row and the tracee's state say. */
import { errno } from '../../abi/errno.js';
import type { Success } from '../../abi/vocabulary.js';
import type { Call } from '../call.js';
import type { Route } from '../router.js';
import type { Part, Steps } from '../steps.js';
import type { Context } from './context.js';
import { followLink, linkNamedBy } from './names.js';
import { explain } from './stray-links.js';
import { synchroniseAll } from './synchronise.js';
import { transfer } from './transfer.js';

const NOWHERE = BigInt(-errno.ENOENT);

type RemoteRoute = Route & { readonly side: 'remote' };

/** The call goes where its row and the tracee's state say. */
export function* follow(context: Context, call: Call): Steps {
  const failed = context.readStrings(call);
  if (failed) return failed;
  const link = linkNamedBy(context, call);
  if (link) return yield* followLink(context, call, link);
  const route = context.routeOf(call);
  if (route.side === 'refused') return context.refusal(call, route);
  if (route.side === 'local') return route.paths ? yield* context.step.own(call, route.paths) : undefined;
  return yield* followThere(context, call, route);
}

export function* followThere(context: Context, call: Call, route: RemoteRoute): Part<bigint | undefined> {
  const { runs, success } = call.row;
  if (success.kind === 'newFd') return yield* open(context, call, route, success);
  if (success.kind === 'count') return yield* transfer(context, call, route);
  const result = yield* context.step.remote(call, route);
  if (result === NOWHERE && context.strayLinks.size > 0) yield* explain(context, call);
  return runs.kind === 'both' && result >= 0n ? undefined : result;
}

function* open(
  context: Context,
  call: Call,
  route: RemoteRoute,
  success: Success & { kind: 'newFd' },
): Steps {
  const { thread, row } = call;
  const cloexec = success.cloexec !== undefined && context.closesOnExec(call, success.cloexec);
  const { descriptors } = thread.process;
  const changes = context.changesFile(call, success.cloexec);
  // As the kernel does it: where there is no number, nothing is made and nothing truncated.
  const reserved =
    changes && descriptors.mayBeFull ? yield* context.step.reserve(thread, cloexec) : undefined;
  if (reserved !== undefined && reserved < 0n) return reserved;
  const number = yield* context.step.remote(call, route);
  if (number < 0n) {
    if (number === NOWHERE && context.strayLinks.size > 0) yield* explain(context, call);
    if (reserved !== undefined) yield* context.step.local(context.step.number('close'), [reserved]);
    return number;
  }
  if (changes && context.images.size > 0) yield* synchroniseAll(context, thread, false);
  const path =
    row.runs.kind === 'pathOf'
      ? (route.paths?.get(call.index(row.runs.at[1])) ?? context.router.nameOf(call, row.runs.at))
      : undefined;
  const remote = { number: Number(number), cloexec, path, description: { leftover: undefined } };
  const fd = reserved ?? (yield* context.step.placeholder(thread, cloexec));
  if (fd < 0n) yield* context.step.close(thread, remote.number);
  else descriptors.place(Number(fd), remote);
  return fd;
}
