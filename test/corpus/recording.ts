import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadMemory } from '@rsc/core/abi/print';
import { guestMount } from '../e2e/local-paths';
import { runNative } from '../e2e/native';
import { makeRoot } from '../e2e/root';

/** One call of a native run: what strace printed of it, and what the kernel told of the same stops. */
export interface RecordedCall {
  readonly line: string;
  readonly number: number;
  readonly args: readonly bigint[];
  /** Signed; undefined: it has not come back. */
  readonly result: bigint | undefined;
  /** The caller's memory, as far as the call points to it, when it was made and when it came back. */
  readonly before: ReadMemory;
  readonly after: ReadMemory;
}

/** How to get the strace that records; undefined where it is there. */
export function cureForStrace(): string | undefined {
  return spawnSync('strace', ['--version']).error === undefined ? undefined : 'apt-get install strace';
}

const options = ['-ff', '-qq', '-a', '0', '-e', 'signal=none', '-o', '/trace/log'];
const tap = ['LD_PRELOAD=/guest/tap.so', 'RSC_TAP=/trace/calls'];

/** Runs a guest program natively under strace, in a fresh root, and gives the calls of each of its threads. */
export async function record(name: string, uid?: number): Promise<readonly RecordedCall[][]> {
  const root = makeRoot(uid);
  try {
    const trace = join(root.path, 'trace');
    mkdirSync(trace);
    chmodSync(trace, 0o777);
    const command = ['env', ...tap, 'strace', ...options, `${guestMount}/${name}`];
    await runNative(root.path, command, { deadlineMs: 60_000, ...(uid === undefined ? {} : { uid }) });
    return callsIn(trace);
  } finally {
    root.remove();
  }
}

function callsIn(trace: string): RecordedCall[][] {
  const stops = readFileSync(join(trace, 'calls'), 'latin1').trimEnd().split('\n');
  const ofThread = new Map<string, string[]>();
  for (const stop of stops) {
    const tid = stop.slice(0, stop.indexOf(' '));
    const known = ofThread.get(tid);
    if (known === undefined) ofThread.set(tid, [stop]);
    else known.push(stop);
  }
  return readdirSync(trace).flatMap((file) => {
    const tid = /^log\.(\d+)$/.exec(file)?.[1];
    if (tid === undefined) return [];
    const lines = readFileSync(join(trace, file), 'latin1').split('\n').filter(isCall);
    const calls = told(ofThread.get(tid) ?? []);
    if (lines.length !== calls.length)
      throw new Error(`thread ${tid} made ${calls.length} calls, of which strace printed ${lines.length}`);
    return [calls.map((call, index) => ({ line: lines[index] ?? '', ...call }))];
  });
}

function isCall(line: string): boolean {
  return line !== '' && !line.startsWith('+++') && !line.startsWith('---');
}

type Told = Omit<RecordedCall, 'line'>;

/** Two stops a call; but for one that does not come back. */
function told(stops: readonly string[]): Told[] {
  const calls: Told[] = [];
  for (const stop of stops) {
    const [, kind, ...words] = stop.split(' ');
    const last = calls.at(-1);
    if (kind === 'entry') {
      const before = memoryIn(words.slice(7));
      const args = words.slice(1, 7).map((word) => BigInt(`0x${word}`));
      calls.push({ number: Number(words[0]), args, result: undefined, before, after: before });
    } else if (last !== undefined) {
      calls[calls.length - 1] = { ...last, result: BigInt(words[0] ?? ''), after: memoryIn(words.slice(1)) };
    }
  }
  return calls;
}

/** Memory that was told as ADDRESS:BYTES: the longest piece that an address is in counts. */
function memoryIn(words: readonly string[]): ReadMemory {
  return (addr, length) => {
    const pieces = words.map((word) => {
      const [start = '', hex = ''] = word.split(':');
      return { addr: BigInt(`0x${start}`), bytes: Buffer.from(hex, 'hex') };
    });
    const found = pieces.flatMap((piece) => {
      const offset = addr - piece.addr;
      const isInside = offset >= 0n && offset < BigInt(piece.bytes.length);
      return isInside ? [piece.bytes.subarray(Number(offset), Number(offset) + length)] : [];
    });
    return found.reduce((most, bytes) => (bytes.length > most.length ? bytes : most), Buffer.alloc(0));
  };
}
