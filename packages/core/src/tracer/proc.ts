/** What the kernel tells of a tracee in text (proc(5)). */
import { readFileSync } from 'node:fs';

/** The signals that a thread blocks, a bit each. */
export function blockedSignals(pid: number, tid: number): bigint {
  return BigInt(`0x${field(`/proc/${pid}/task/${tid}/status`, /^SigBlk:\s*([0-9a-f]+)/m) ?? '0'}`);
}

/** Whether a signal has come to a thread, which it does not block, and that it has not met yet. */
export function isSignalPending(pid: number, tid: number): boolean {
  const path = `/proc/${pid}/task/${tid}/status`;
  const mask = (name: string) =>
    BigInt(`0x${field(path, new RegExp(`^${name}:\\s*([0-9a-f]+)`, 'm')) ?? '0'}`);
  return ((mask('SigPnd') | mask('ShdPnd')) & ~mask('SigBlk')) !== 0n;
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
