import type { Worker } from 'node:worker_threads';
import type { Policy } from '@rsc/core/policy/policy';
import { meterMemory } from '@rsc/core/tracer/meter';
import type { Followed } from '@rsc/core/tracer/reloading';
import type { Parting } from '@rsc/core/tracer/release';
import { announcePolicy, leaveWish, Wish, wishes } from '@rsc/core/tracer/wish';
import type { Later, Progress } from '../session/messages.js';

/** What became of the wish that processes be let go. */
export interface LetGo {
  readonly kind: 'detached' | 'stayed';
  readonly partings: readonly Parting[];
}

/** The main thread's hand on a tracer that is at work. */
export class Controls {
  /** Where the tracer counts. */
  readonly meter = meterMemory();
  readonly wishes = wishes();
  private readonly awaitingPolicy: ((outcome: Followed) => void)[] = [];
  private readonly awaitingRelease: ((outcome: LetGo) => void)[] = [];

  constructor(private readonly worker: Worker) {}

  /** Takes note of what the tracer tells. */
  meet(progress: Progress): void {
    if (progress.kind === 'followed') this.awaitingPolicy.shift()?.(progress.outcome);
    else if (progress.kind === 'detached' || progress.kind === 'stayed')
      for (const resolve of this.awaitingRelease.splice(0)) resolve(progress);
  }

  /** Has the tracer go by another policy between two calls; resolves with what it made of that. */
  follow(policy: Policy): Promise<Followed> {
    return new Promise((resolve) => {
      this.awaitingPolicy.push(resolve);
      const later: Later = { kind: 'policy', policy };
      this.worker.postMessage(later);
      announcePolicy(this.wishes);
      void interrupt();
    });
  }

  /** Wishes that the attached processes be let go, by force whatever they lose. */
  wishRelease(byForce: boolean): void {
    leaveWish(this.wishes, byForce ? Wish.detachByForce : Wish.detach);
    void interrupt();
  }

  /** The same; resolves with what became of it. */
  letGo(byForce: boolean): Promise<LetGo> {
    return new Promise((resolve) => {
      this.awaitingRelease.push(resolve);
      this.wishRelease(byForce);
    });
  }
}

/** Has the tracer look at what it was left. The addon is loaded then: most sessions are never told anything. */
async function interrupt(): Promise<void> {
  const { native } = await import('@rsc/addon');
  native().interrupt();
}
