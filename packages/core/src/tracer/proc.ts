/** What the kernel tells of a tracee in text (proc(5)). */
import { existsSync, readFileSync, readlinkSync } from 'node:fs';

/** Signals of a thread, a bit each: signal n is bit n-1. */
export interface SignalMasks {
  readonly pending: bigint;
  readonly blocked: bigint;
  readonly ignored: bigint;
  /** They have a handler. */
  readonly caught: bigint;
}

export function signalsOf(pid: number, tid: number): SignalMasks {
  const text = readFileSync(`/proc/${pid}/task/${tid}/status`, 'latin1');
  const mask = (name: string) =>
    BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)`, 'm').exec(text)?.[1] ?? '0'}`);
  return {
    pending: mask('SigPnd') | mask('ShdPnd'),
    blocked: mask('SigBlk'),
    ignored: mask('SigIgn'),
    caught: mask('SigCgt'),
  };
}

/** Whether the signal waits for the thread, and for it alone. */
export function isPending(pid: number, tid: number, signal: number): boolean {
  const pending = BigInt(`0x${field(`/proc/${pid}/task/${tid}/status`, /^SigPnd:\s*([0-9a-f]+)/m) ?? '0'}`);
  return (pending & (1n << BigInt(signal - 1))) !== 0n;
}

/** Threads in the order in which they are told of signals: those whose children end, then the one with the id of the process. */
export function inOrderOfSignals(pid: number, tids: readonly number[]): number[] {
  const rank = (tid: number) => (hasChildren(pid, tid) ? 0 : tid === pid ? 1 : 2);
  return [...tids].sort((one, other) => rank(one) - rank(other));
}

/** Kernels without CONFIG_PROC_CHILDREN do not say. */
function hasChildren(pid: number, tid: number): boolean {
  const path = `/proc/${pid}/task/${tid}/children`;
  return existsSync(path) && readFileSync(path).length > 0;
}

/** How many numbers the descriptor table of a process has room for now: select(2) looks no further. */
export function tableSize(pid: number): number {
  return Number(field(`/proc/${pid}/status`, /^FDSize:\s*(\d+)/m) ?? '0');
}

/** How many descriptors a process may have: poll(2) takes no more. */
export function descriptorLimit(pid: number): number {
  return Number(field(`/proc/${pid}/limits`, /^Max open files\s+(\d+)/m) ?? Infinity);
}

/** What an epoll waits for: the events of each entry, whether they are given or not, and its data. */
export interface EpollEntry {
  readonly events: number;
  readonly data: bigint;
}

/** The entries of an epoll that a process has under a number; none where it has closed it. */
export function epollEntries(pid: number, fd: number): EpollEntry[] {
  const text = ifThere(() => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1')) ?? '';
  const lines = text.matchAll(/^tfd:.* events: *([0-9a-f]+) data: *([0-9a-f]+)/gm);
  return [...lines].map(([, events = '', data = '']) => ({
    events: parseInt(events, 16),
    data: BigInt(`0x${data}`),
  }));
}

function field(path: string, pattern: RegExp): string | undefined {
  return pattern.exec(readFileSync(path, 'latin1'))?.[1];
}

/** The file mode creation mask of a process; undefined where it is no more. */
export function umaskOf(pid: number): number | undefined {
  const text = ifThere(() => readFileSync(`/proc/${pid}/status`, 'latin1'));
  const mask = /^Umask:\s*([0-7]+)$/m.exec(text ?? '')?.[1];
  return mask === undefined ? undefined : parseInt(mask, 8);
}

/** The program that a process runs, as an absolute path in latin1; undefined where it is no more. */
export function imageOf(pid: number): string | undefined {
  return ifThere(() => readlinkSync(`/proc/${pid}/exe`, 'latin1'));
}

/** What a file of a process says; undefined where the process has ended meanwhile. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
