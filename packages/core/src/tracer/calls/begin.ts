import { constant } from '../../abi/constants.js';
import type { Fact, Row } from '../../abi/vocabulary.js';
import type { Call } from '../call.js';
import { Fate } from '../meter.js';
import type { Steps } from '../steps.js';
import type { Context, Named } from './context.js';
import { closeDescriptor, closeRange, duplicate, markCloexec } from './descriptors.js';
import { follow } from './follow.js';
import { moveOffset } from './leftover.js';
import { addWatch } from './inotify.js';
import { link } from './link.js';
import { map } from './map.js';
import { copyBeside, remap, resize, syncFile, syncMaps, transferBeside, unmap } from './maps.js';
import { collect } from './collect.js';
import { setInterest } from './epoll.js';
import { create } from './pair.js';
import { enterDirectory, execute } from './process.js';
import { pump } from './pump.js';
import { resume } from './resume.js';
import { watch } from './watch.js';
import { makeLink } from './stray-links.js';
import { followPaths } from './two-paths.js';

/** Carries out one kind of call. */
type Carry = (context: Context, call: Call) => Steps;

const known = new WeakMap<Row, Carry>();

/** The steps of a call at whose entry its thread is stopped. Which kind of call it is, its row says. */
export function begin(context: Context, call: Call): Steps {
  let carry = known.get(call.row);
  if (carry === undefined) {
    carry = kindOf(call.row);
    known.set(call.row, carry);
  }
  const begun = context.router.mayDeny(call) ? unlessDenied(context, call, carry) : carry(context, call);
  return call.thread.process.rightName === '' ? begun : renamed(context, call, begun);
}

/** A call that the policy denies is answered before anything of it is done. */
function* unlessDenied(context: Context, call: Call, carry: Carry): Steps {
  const failed = context.readStrings(call);
  if (failed) return failed;
  const denial = context.denialOf(call);
  if (denial === undefined) return yield* carry(context, call);
  call.thread.fate = Fate.denied;
  return context.refusal(call, denial);
}

/** A program of the server has been executed: its process is given its name at the first occasion. */
function* renamed(context: Context, call: Call, begun: Steps): Steps {
  const { thread } = call;
  const name = yield* context.step.lend(thread, Buffer.from(`${thread.process.rightName}\0`, 'latin1'));
  thread.process.rightName = '';
  if (name >= 0n)
    yield* context.step.local(context.step.number('prctl'), [BigInt(constant('PR_SET_NAME')), name]);
  return yield* begun;
}

function kindOf({ args, facts, runs, success }: Row): Carry {
  const fact = <K extends Fact['kind']>(kind: K) => facts.find((f): f is Named<K> => f.kind === kind);
  const executes = fact('executes');
  const closes = fact('closes');
  const range = fact('closesRange');
  const cloexec = fact('marksCloexec');
  const enters = fact('entersDirectory');
  if (runs.kind === 'refused') return refuse;
  if (executes) return (context, call) => execute(context, call, executes);
  if (closes) return (context, call) => closeDescriptor(context, call, closes);
  if (range) return (context, call) => closeRange(context, call, range);
  if (cloexec) return (context, call) => markCloexec(context, call, cloexec);
  if (enters) return (context, call) => enterDirectory(context, call, enters);
  const links = fact('links');
  const pumps = fact('pumps');
  const unmaps = fact('unmaps');
  const remaps = fact('remaps');
  const syncsMaps = fact('syncsMaps');
  const syncsFile = fact('syncsFile');
  const makes = fact('makesLink');
  if (makes) return (context, call) => makeLink(context, call, makes);
  if (links) return (context, call) => link(context, call, links);
  if (pumps) return (context, call) => pump(context, call, pumps);
  if (unmaps) return (context, call) => unmap(context, call, unmaps);
  if (remaps) return (context, call) => remap(context, call, remaps);
  if (syncsMaps) return (context, call) => syncMaps(context, call, syncsMaps);
  if (fact('resizes')) return besideImages(resize);
  if (syncsFile) return besideImages((context, call) => syncFile(context, call, syncsFile));
  if (runs.kind === 'ownerOf' && success.kind === 'count') {
    const moved = args[success.of];
    const writes = (moved?.kind === 'bytes' || moved?.kind === 'iovec') && moved.direction === 'in';
    return besideImages((context, call) => transferBeside(context, call, runs.fd, writes));
  }
  if (Object.values(args).some((arg) => arg.kind === 'number' && arg.set === 'SEEK_')) return moveOffset;
  if (runs.kind === 'ownersOf') return besideImages(copyBeside);
  const pair = fact('paired');
  const watches = fact('addsWatch');
  if (pair) return (context, call) => create(context, call, pair);
  if (watches) return (context, call) => addWatch(context, call, watches);
  const interest = fact('setsInterest');
  const collects = fact('collects');
  if (interest) return (context, call) => setInterest(context, call, interest);
  if (collects) return (context, call) => collect(context, call, collects);
  if (runs.kind === 'ownersIn') return (context, call) => watch(context, call);
  if (fact('resumes')) return resume;
  if (runs.kind === 'pathsOf')
    return (context, call) => followPaths(context, call, runs, fact('addsName') !== undefined);
  if (runs.kind === 'mapping') return map;
  if (success.kind === 'copyOf') return (context, call) => duplicate(context, call, success);
  return follow;
}

/** Of no concern while no tracee maps a remote file, shared: reads and writes are frequent. */
function besideImages(carry: Carry): Carry {
  return (context, call) => (context.images.size === 0 ? follow : carry)(context, call);
}

function* refuse(context: Context, call: Call): Steps {
  const route = context.routeOf(call);
  return route.side === 'refused' ? context.refusal(call, route) : undefined;
}
