/** Other policies for tracees that run. */
import { executing } from '../abi/sets.js';
import { numberOf } from '../abi/lookup.js';
import { CompiledPolicy } from '../policy/compile.js';
import type { Policy } from '../policy/policy.js';
import type { Context } from './calls/context.js';
import { imageOf, umaskOf } from './proc.js';
import type { TraceeProcess } from './process.js';
import type { Recatch } from './recatch.js';
import type { Tracees } from './tracees.js';
import { takePolicies } from './wish.js';

/** What a session has made of a policy: it follows it from now on, or goes on as it was. */
export type Followed =
  | { readonly kind: 'follows'; readonly stays: Staying }
  /** `missing`: calls that cannot be caught any more, or that `--exec remote` needs on the server. */
  | { readonly kind: 'keeps'; readonly because: 'filter' | 'programs'; readonly missing: readonly string[] };

/** What stays as it was, whatever the new policy says. */
export interface Staying {
  /** How many descriptors are remote. */
  readonly descriptors: number;
  /** The processes whose working directory is remote. */
  readonly directories: readonly number[];
  /** How many calls are caught though the policy does not speak of them: they run here, or follow what is remote. */
  readonly caught: number;
}

/** Where policies come from, and what is told of each. */
export interface PolicyEvents {
  /** The next one that has been sent. */
  nextPolicy(): Policy | undefined;
  followed(outcome: Followed): void;
}

/** Takes up the policies that are announced, between calls: one that has begun goes on by the policy that it began with. */
export class Reloading {
  constructor(
    private readonly context: Context,
    private readonly tracees: Tracees,
    private readonly recatch: Recatch,
    private readonly wishes: Int32Array,
    private readonly events: PolicyEvents,
  ) {}

  /** Takes up what has been announced since the last time. */
  heed(): void {
    for (let left = takePolicies(this.wishes); left > 0; left--) {
      const policy = this.events.nextPolicy();
      if (policy === undefined) throw new TypeError('a policy was announced that has not been sent');
      this.events.followed(this.take(new CompiledPolicy(policy)));
    }
  }

  private take(policy: CompiledPolicy): Followed {
    const { router } = this.context;
    const needed = router.exec === 'remote' ? keptHere(policy) : [];
    if (needed.length > 0) return { kind: 'keeps', because: 'programs', missing: needed };
    const outcome = this.recatch(policy);
    if (outcome.kind === 'missing') return { kind: 'keeps', because: 'filter', missing: outcome.names };
    this.catchUp(outcome.fresh);
    router.follow(policy);
    return { kind: 'follows', stays: this.staying(outcome.idle.length) };
  }

  /** Learns what calls have changed that were not caught before. */
  private catchUp(fresh: ReadonlySet<number>): void {
    const { step } = this.context;
    const umask = numberOf(step.arch, 'umask');
    const isFresh = (name: string) => fresh.has(numberOf(step.arch, name));
    const missedPrograms = [...executing].some(isFresh);
    for (const process of this.tracees.processes()) {
      if (fresh.has(umask)) {
        const mask = umaskOf(process.pid);
        if (mask !== undefined) step.post(process.twin, { number: umask, args: [BigInt(mask)] });
      }
      if (missedPrograms && process.remoteImage === '') process.image = imageOf(process.pid) ?? process.image;
    }
  }

  private staying(caught: number): Staying {
    const processes = [...this.tracees.processes()];
    const tables = new Set(processes.map(({ descriptors }) => descriptors));
    return {
      descriptors: [...tables].reduce((sum, table) => sum + [...table.all()].length, 0),
      directories: processes.filter(standsThere).map(({ pid }) => pid),
      caught,
    };
  }
}

function standsThere({ directory }: TraceeProcess): boolean {
  return directory.remote !== undefined;
}

/** The calls that the policy keeps here, though programs come from the server by them. */
export function keptHere({ selection }: CompiledPolicy): string[] {
  return (['execve', 'openat'] as const).filter((name) => !selection.names.has(name));
}
