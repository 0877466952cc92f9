/** What the kernel tells of a tracee in text (proc(5)). */
import { readFileSync } from 'node:fs';

/** The signals that a thread blocks, a bit each. */
export function blockedSignals(pid: number, tid: number): bigint {
  return BigInt(`0x${field(`/proc/${pid}/task/${tid}/status`, /^SigBlk:\s*([0-9a-f]+)/m) ?? '0'}`);
}

/** How many numbers the descriptor table of a process has room for now: select(2) looks no further. */
export function tableSize(pid: number): number {
  return Number(field(`/proc/${pid}/status`, /^FDSize:\s*(\d+)/m) ?? '0');
}

/** How many descriptors a process may have: poll(2) takes no more. */
export function descriptorLimit(pid: number): number {
  return Number(field(`/proc/${pid}/limits`, /^Max open files\s+(\d+)/m) ?? Infinity);
}

function field(path: string, pattern: RegExp): string | undefined {
  return pattern.exec(readFileSync(path, 'latin1'))?.[1];
}
