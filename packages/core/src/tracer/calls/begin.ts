import type { Fact, Row } from '../../abi/vocabulary.js';
import type { Call } from '../call.js';
import type { Steps } from '../steps.js';
import type { Context, Named } from './context.js';
import { closeDescriptor, closeRange, duplicate, markCloexec } from './descriptors.js';
import { follow } from './follow.js';
import { map } from './map.js';
import { enterDirectory, execute } from './process.js';
import { watch } from './watch.js';

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
  return context.router.mayDeny(call) ? unlessDenied(context, call, carry) : carry(context, call);
}

/** A call that the policy denies is answered before anything of it is done. */
function* unlessDenied(context: Context, call: Call, carry: Carry): Steps {
  const failed = context.readStrings(call);
  if (failed) return failed;
  const denial = context.denialOf(call);
  return denial ? context.refusal(call, denial) : yield* carry(context, call);
}

function kindOf({ facts, runs, success }: Row): Carry {
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
  if (runs.kind === 'ownersIn') return watch;
  if (runs.kind === 'mapping') return map;
  if (success.kind === 'copyOf') return (context, call) => duplicate(context, call, success);
  return follow;
}

function* refuse(context: Context, call: Call): Steps {
  const route = context.routeOf(call);
  return route.side === 'refused' ? context.refusal(call, route) : undefined;
}
