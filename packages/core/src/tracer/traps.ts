import type { Trap, Traps } from './filter.js';

/** The traps of both. */
export function joined(one: Traps, other: Traps): Traps {
  const caught = new Map(one.caught);
  for (const [number, trap] of other.caught) {
    const known = caught.get(number);
    if (!covers(known, trap)) caught.set(number, known === undefined ? trap : { by: trap.by });
  }
  return { ...one, caught };
}

/** Whether all that `wanted` catches is caught by `known`. A call is caught in the same way by all traps of an engine. */
export function covers(known: Trap | undefined, { unless }: Trap): boolean {
  if (known === undefined) return false;
  if (known.unless === undefined) return true;
  return unless?.argument === known.unless.argument && unless.bits === known.unless.bits;
}
