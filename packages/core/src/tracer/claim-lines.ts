/** What the operator is told of claims that have gone wrong. */
import type { Arch } from '../abi/constants.js';
import { nameOf } from '../abi/lookup.js';
import type { ClaimsKept } from './claims-kept.js';

/** Of a call that has written over what it was asked with, and of which that was not saved. */
export function answeredHere(arch: Arch, number: number, thread: number): string {
  const name = nameOf(arch, number) ?? `call ${number}`;
  return `rsc: warning: ${name} of thread ${thread} has got the answer of this machine: what it was asked with could not be saved`;
}

/** Of calls that have gone past the tracer. */
export function linesOf(kept: ClaimsKept, arch: Arch): string[] {
  const unseen = kept.unseen();
  const lines = kept.incidents().map(({ thread, number, isLost }) => {
    const name = nameOf(arch, number) ?? `call ${number}`;
    return isLost
      ? `rsc: warning: ${name} of thread ${thread} has got the answer of this machine: its stop was lost`
      : `rsc: warning: ${name} of thread ${thread} ran here, though it concerns the server`;
  });
  if (unseen > 0)
    lines.push(
      `rsc: warning: the kernel may have kept up to ${unseen} calls from eBPF: those among them that concern the server ran here`,
    );
  return lines;
}
