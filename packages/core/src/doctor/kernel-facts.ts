import { isAtLeast } from '../release.js';
import type { Fact } from './fact.js';
import type { Machine } from './machine.js';

const NEEDED = [5, 12] as const;
const PROCESSOR = 'x86_64';

/** What the kernel and the processor are. */
export function kernelFacts({ release, processor }: Machine): Fact[] {
  return [kernel(release), processorOf(processor)];
}

function kernel(release: string): Fact {
  const needed = NEEDED.join('.');
  if (isAtLeast(release, NEEDED)) {
    return { name: 'kernel', needed: true, allowed: true, means: `${release}; rsc needs ${needed} or newer` };
  }
  return {
    name: 'kernel',
    needed: true,
    allowed: false,
    means: `${release} is older than ${needed}, which rsc needs`,
    remedy: `boot a kernel of version ${needed} or newer`,
  };
}

function processorOf(processor: string): Fact {
  const fact = { name: 'processor', needed: true };
  if (processor === PROCESSOR) return { ...fact, allowed: true, means: `${processor}, as rsc needs` };
  return {
    ...fact,
    allowed: false,
    means: `${processor}; rsc knows the calls of ${PROCESSOR} only`,
    remedy: `run rsc on a machine with ${PROCESSOR}`,
  };
}
