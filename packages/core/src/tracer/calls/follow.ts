/** Calls that go where their row and the tracee's state say. */
import type { Success } from '../../abi/vocabulary.js';
import type { Call } from '../call.js';
import type { RemoteDescriptor } from '../descriptors.js';
import type { Route } from '../router.js';
import type { Part, Steps } from '../steps.js';
import type { Context } from './context.js';
import { descriptorNamedBy, followName, followOwnImage, imageNamedBy } from './names.js';
import { forgetLeftover, movesOffset } from './leftover.js';
import { transfer } from './transfer.js';

type RemoteRoute = Route & { readonly side: 'remote' };

/** The call goes where its row and the tracee's state say. */
export function* follow(context: Context, call: Call): Steps {
  const failed = context.readStrings(call);
  if (failed) return failed;
  const named = descriptorNamedBy(context, call);
  if (named) return yield* followName(context, call, named);
  const image = imageNamedBy(context, call);
  if (image) return yield* followOwnImage(context, call, image);
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
  if (result >= 0n && movesOffset(call)) forgetLeftover(call);
  return runs.kind === 'both' && result >= 0n ? undefined : result;
}

function* open(
  context: Context,
  call: Call,
  route: RemoteRoute,
  success: Success & { kind: 'newFd' },
): Steps {
  const number = yield* context.step.remote(call, route);
  if (number < 0n) return number;
  const { runs } = call.row;
  const path =
    runs.kind === 'pathOf'
      ? (route.paths?.get(call.index(runs.at[1])) ?? context.router.nameOf(call, runs.at))
      : undefined;
  const cloexec = success.cloexec !== undefined && context.closesOnExec(call, success.cloexec);
  return yield* adopt(context, call, {
    number: Number(number),
    cloexec,
    path,
    description: { leftover: undefined },
  });
}

/** Gives a remote descriptor the lowest free number of the tracee. */
function* adopt(context: Context, call: Call, remote: RemoteDescriptor): Part<bigint> {
  const fd = yield* context.step.placeholder(call.thread, remote.cloexec);
  if (fd < 0n) yield* context.step.close(call.thread, remote.number);
  else call.thread.process.descriptors.set(Number(fd), remote);
  return fd;
}
