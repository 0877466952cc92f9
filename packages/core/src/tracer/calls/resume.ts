import type { Call } from '../call.js';
import type { Steps } from '../steps.js';
import { collect } from './collect.js';
import type { Context } from './context.js';
import { watch } from './watch.js';

/** Goes on with the call that a signal without a handler has interrupted (restart_syscall(2)). */
export function* resume(context: Context, restart: Call): Steps {
  const { unfinished } = restart.thread;
  if (unfinished === undefined) return undefined;
  const args = restart.registers();
  if (unfinished.args.some((arg, index) => arg !== args[index])) return undefined;
  const { call, until } = unfinished;
  const collects = call.row.facts.find(({ kind }) => kind === 'collects');
  if (collects?.kind === 'collects') return yield* collect(context, call, collects, until);
  return yield* watch(context, call, until);
}
