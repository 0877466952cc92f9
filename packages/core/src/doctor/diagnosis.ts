import { chooseEngine, type Engine } from '../tracer/choice.js';
import { bpfFacts } from './bpf-facts.js';
import type { Fact } from './fact.js';
import { kernelFacts } from './kernel-facts.js';
import type { Machine } from './machine.js';
import { sandboxFacts } from './sandbox-facts.js';
import { seccompFacts } from './seccomp-facts.js';
import { tracingFacts } from './tracing-facts.js';
import { vsockFacts } from './vsock-facts.js';

/** What a machine allows, and whether `rsc run` works on it. */
export interface Diagnosis {
  /** The engine that `rsc run` would take; null: it would not work. */
  readonly engine: Engine | null;
  readonly reason: string;
  readonly facts: readonly Fact[];
}

/** Tries everything that a machine may allow, in the order in which it is told. */
export function factsOf(machine: Machine): Fact[] {
  return [
    ...kernelFacts(machine),
    ...seccompFacts(machine),
    ...tracingFacts(machine),
    ...sandboxFacts(machine),
    ...bpfFacts(machine),
    ...vsockFacts(machine),
  ];
}

/** What follows from the facts for `rsc run`, on a kernel of this release. */
export function diagnose(facts: readonly Fact[], release: string): Diagnosis {
  const reasons = facts.filter(({ needed, allowed }) => needed && !allowed).map(({ means }) => means);
  if (reasons.length > 0) return { engine: null, reason: reasons.join('; '), facts };
  const { engine, because } = chooseEngine('auto', release);
  const lacking = facts.find(({ isForNotices, allowed }) => isForNotices === true && !allowed);
  if (engine !== 'notify' || lacking === undefined) return { engine, reason: because, facts };
  return { engine: 'seccomp', reason: `${lacking.name} is not allowed, which notices need`, facts };
}
