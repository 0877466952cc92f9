import { attachChoices, chooseEngine, claimsSurely, type Engine } from '../tracer/choice.js';
import { bpfFacts } from './bpf-facts.js';
import type { Fact } from './fact.js';
import { kernelFacts } from './kernel-facts.js';
import type { Machine } from './machine.js';
import { sandboxFacts } from './sandbox-facts.js';
import { seccompFacts } from './seccomp-facts.js';
import { tracingFacts } from './tracing-facts.js';
import { vsockFacts } from './vsock-facts.js';

/** The engine that a command would take, and why; null: it would not work, and why not. */
export interface Verdict {
  readonly engine: Engine | null;
  readonly reason: string;
}

/** What a machine allows, and whether `rsc run` works on it. */
export interface Diagnosis extends Verdict {
  /** The same of `rsc attach`. */
  readonly attach: Verdict;
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

/** What follows from the facts, on a kernel of this release. */
export function diagnose(facts: readonly Fact[], release: string): Diagnosis {
  return { ...verdictForRun(facts, release), attach: verdictForAttach(facts, release), facts };
}

function verdictForRun(facts: readonly Fact[], release: string): Verdict {
  const lacks = facts.filter(({ needed, allowed }) => needed && !allowed);
  if (lacks.length > 0) return notPossible(lacks);
  const { engine, because } = chooseEngine('auto', release);
  const lacking = facts.find(({ isForNotices, allowed }) => isForNotices === true && !allowed);
  if (engine !== 'notify' || lacking === undefined) return { engine, reason: because };
  return { engine: 'seccomp', reason: `${lacking.name} is not allowed, which notices need` };
}

function verdictForAttach(facts: readonly Fact[], release: string): Verdict {
  const lacks = facts.filter(
    ({ needed, allowed, isForFilters, deniesAttach }) =>
      (needed && !allowed && !isForFilters) || deniesAttach === true,
  );
  if (lacks.length > 0) return notPossible(lacks);
  const { engine, because } =
    attachChoices[claimsSurely(release) && facts.some(vetoesSurely) ? 'ebpf' : 'ptrace'];
  return { engine, reason: because };
}

function vetoesSurely({ veto, allowed }: Fact): boolean {
  return veto === 'exact' && allowed;
}

function notPossible(lacks: readonly Fact[]): Verdict {
  return { engine: null, reason: lacks.map(({ means }) => means).join('; ') };
}
