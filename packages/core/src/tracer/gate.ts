/** Where a thread that is in no call can make one. */
import { readFileSync } from 'node:fs';
import type { Stepper } from './steps.js';
import type { TraceeThread } from './process.js';

/** The `syscall` instruction of x86_64. */
const SYSCALL = Buffer.from([0x0f, 0x05]);
/** As much of a map is looked through. */
const MAX_LOOK = 1n << 20n;

/** The address behind a `syscall` instruction in the memory of a process: that of the vDSO, or of its libraries. */
export function gateOf(step: Stepper, thread: TraceeThread): bigint | undefined {
  for (const [from, to] of executableMaps(thread.process.pid)) {
    const bytes = Buffer.alloc(Number(to - from < MAX_LOOK ? to - from : MAX_LOOK));
    const length = Math.max(0, step.read(thread, from, bytes));
    const at = bytes.subarray(0, length).indexOf(SYSCALL);
    if (at >= 0) return from + BigInt(at + SYSCALL.length);
  }
  return undefined;
}

/** The maps that can be executed, the vDSO first (proc(5), maps). */
function executableMaps(pid: number): (readonly [from: bigint, to: bigint])[] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n');
  const isVdso = (line: string) => line.endsWith('[vdso]');
  return lines
    .filter((line) => /^\S+ r.x/.test(line) && !line.endsWith('[vsyscall]'))
    .sort((one, other) => Number(isVdso(other)) - Number(isVdso(one)))
    .map((line) => {
      const [from = '0', to = '0'] = line.slice(0, line.indexOf(' ')).split('-');
      return [BigInt(`0x${from}`), BigInt(`0x${to}`)] as const;
    });
}
