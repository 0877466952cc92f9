import { existsSync, readFileSync } from 'node:fs';
import { machine, release } from 'node:os';
import type { Machine, Probes } from '@rsc/core/doctor/machine';

/** The machine that rsc runs on. */
export function thisMachine(probes: Probes): Machine {
  return {
    probes,
    release: release(),
    processor: machine(),
    user: process.geteuid?.() ?? 0,
    group: process.getegid?.() ?? 0,
    read,
    has: existsSync,
  };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch {
    // Which of the kernel's files are there is one of the questions.
    return undefined;
  }
}
