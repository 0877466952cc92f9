import type { Policy } from '@rsc/core/policy/policy';
import { readMeter } from '@rsc/core/tracer/meter';
import type { Followed } from '@rsc/core/tracer/reloading';
import type { Controls } from './controls.js';
import type { Answer, Request, Session } from './requests.js';

/** A session as it says of itself, without what it counts. */
export interface Identity extends Pick<
  Session,
  'id' | 'rsc' | 'pid' | 'by' | 'command' | 'engine' | 'server'
> {
  /** The policy that it began with. */
  readonly policy: Policy;
}

/** Answers what a session is asked. */
export class Responder {
  private policy: Policy;

  constructor(
    private readonly identity: Identity,
    private readonly controls: Controls,
  ) {
    this.policy = identity.policy;
  }

  respond(request: Request): Promise<Answer> {
    switch (request.kind) {
      case 'describe':
        return Promise.resolve(this.describe());
      case 'policy':
        return this.follow(request.text);
      case 'detach':
        return this.detach(request.force);
    }
  }

  private describe(): Answer {
    const { id, rsc, pid, by, command, engine, server } = this.identity;
    const { p50 = null, p99 = null, ...counts } = readMeter(this.controls.meter);
    return { kind: 'session', id, rsc, pid, by, command, engine, server, ...counts, p50, p99 };
  }

  private async follow(text: string): Promise<Answer> {
    // Loaded when they are needed: the table and the parser take time from the program that runs.
    const { checkPolicy } = await import('@rsc/core/policy/check');
    const { changesBetween } = await import('@rsc/core/policy/changes');
    const { policy } = checkPolicy(text);
    if (policy === undefined) return refusal('the policy has mistakes', 'see which: rsc policy check FILE');
    const outcome = await this.controls.follow(policy);
    if (outcome.kind === 'keeps') return this.notFollowed(outcome);
    const changes = changesBetween(this.policy, policy);
    this.policy = policy;
    return { kind: 'follows', changes, ...outcome.stays };
  }

  private notFollowed({ because, missing }: Followed & { readonly kind: 'keeps' }): Answer {
    const calls = missing.join(', ');
    return because === 'programs'
      ? refusal(
          `its programs come from the server, and the policy keeps ${calls} here`,
          'load a policy that sends them, or begin a session without --exec remote',
        )
      : refusal(
          this.identity.engine === 'ebpf'
            ? `its engine ebpf cannot keep ${calls} from their effect here`
            : `the filter of its engine ${this.identity.engine} lets ${calls} pass, and cannot be exchanged`,
          'begin the session with --reloadable file, or with --engine ptrace',
        );
  }

  private detach(force: boolean): Promise<Answer> {
    const { by, engine } = this.identity;
    if (by === 'attach') return this.controls.letGo(force);
    const reason =
      engine === 'ptrace' || engine === 'ebpf'
        ? 'it was begun by rsc run, and ends with it'
        : `it was begun by rsc run with the engine ${engine}, whose seccomp filter it has to its end: without rsc its calls would fail`;
    return Promise.resolve(refusal(reason, 'start the program by itself, and use rsc attach'));
  }
}

function refusal(message: string, suggestion: string): Answer {
  return { kind: 'refused', message, suggestion };
}
