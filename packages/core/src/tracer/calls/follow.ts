/** Calls that go where their row and the tracee's state say. */
import { constant } from '../../abi/constants.js';
import { fieldOf, structSize } from '../../abi/structs.js';
import type { Success } from '../../abi/vocabulary.js';
import { MAX_PAYLOAD } from '../../protocol/limits.js';
import type { Call } from '../call.js';
import type { RemoteDescriptor } from '../descriptors.js';
import type { Route } from '../router.js';
import type { Part, Steps } from '../steps.js';
import type { Context } from './context.js';
import { descriptorNamedBy, followName } from './names.js';

type RemoteRoute = Route & { readonly side: 'remote' };

/** The call goes where its row and the tracee's state say. */
export function* follow(context: Context, call: Call): Steps {
  const failed = context.readStrings(call);
  if (failed) return failed;
  const named = descriptorNamedBy(context, call);
  if (named) return yield* followName(context, call, named);
  const route = context.routeOf(call);
  if (route.side === 'refused') return yield* refuse(context, call, route);
  if (route.side === 'local') return route.paths ? yield* context.step.own(call, route.paths) : undefined;
  return yield* followThere(context, call, route);
}

/** A refusal that the program would have natively is none that the operator has to be told of. */
function* refuse(context: Context, call: Call, route: Route & { readonly side: 'refused' }): Part<bigint> {
  const usual = call.row.facts.find((fact) => fact.kind === 'usualForFiles');
  const remote = usual?.kind === 'usualForFiles' && call.thread.process.descriptors.get(call.int(usual.fd));
  if (remote && (yield* isFile(context, call, remote.number))) return BigInt(-route.errno);
  return context.refusal(call, route);
}

/** Whether the remote descriptor is a regular file's or a directory's. */
function* isFile({ step }: Context, { thread }: Call, number: number): Part<boolean> {
  const { result, outputs } = yield* step.direct(thread, {
    number: step.number('fstat'),
    args: [BigInt(number)],
    output: { register: 1, size: structSize('stat'), counted: false },
  });
  const mode = result === 0n ? fieldOf(Buffer.from(outputs[0] ?? []), 'stat', 'st_mode') : undefined;
  const type = Number(mode ?? 0n) & constant('S_IFMT');
  return type === constant('S_IFREG') || type === constant('S_IFDIR');
}

export function* followThere(context: Context, call: Call, route: RemoteRoute): Part<bigint | undefined> {
  const { runs, success } = call.row;
  if (success.kind === 'newFd') return yield* open(context, call, route, success);
  if (success.kind === 'count') return yield* transfer(context, call, route);
  const result = yield* context.step.remote(call, route);
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
  return yield* adopt(context, call, { number: Number(number), cloexec, path });
}

/** Gives a remote descriptor the lowest free number of the tracee. */
function* adopt(context: Context, call: Call, remote: RemoteDescriptor): Part<bigint> {
  const fd = yield* context.step.placeholder(call.thread, remote.cloexec);
  if (fd < 0n) yield* context.step.close(call.thread, remote.number);
  else call.thread.process.descriptors.set(Number(fd), remote);
  return fd;
}

/** A read or a write: longer ones than fit a frame are made of several, until one of them comes short. */
function* transfer(context: Context, call: Call, route: RemoteRoute): Steps {
  let done = yield* context.step.remote(call, route);
  if (context.step.unstored > 0) yield* putBack(context, call, context.step.unstored);
  while (done > 0n && done % BigInt(MAX_PAYLOAD) === 0n && isLonger(call, done)) {
    const more = yield* context.step.remote(call, { ...route, done: Number(done) });
    if (more <= 0n) break;
    done += more;
  }
  return done;
}

/** What could not be stored in the tracee has not been read: natively the offset would not have moved. */
function* putBack(context: Context, call: Call, bytes: number): Part<void> {
  const { runs, order } = call.row;
  const isPositioned = order.some((arg) => arg.kind === 'number' && arg.position);
  const remote = runs.kind === 'ownerOf' ? call.thread.process.descriptors.get(call.int(runs.fd)) : undefined;
  if (remote === undefined || isPositioned) return;
  yield* context.step.direct(call.thread, {
    number: context.step.number('lseek'),
    args: [BigInt(remote.number), BigInt(-bytes), BigInt(constant('SEEK_CUR'))],
  });
}

function isLonger(call: Call, done: bigint): boolean {
  const { success, args } = call.row;
  const arg = success.kind === 'count' ? args[success.of] : undefined;
  if (arg?.kind === 'bytes') return call.length(arg.length) > done;
  return arg?.kind === 'iovec';
}
