import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Tally } from '@rsc/core/tracer/claims-kept';

/** An audit of a run: the flags for it, and what it has counted. */
export interface Audit {
  readonly flags: readonly string[];
  /** Reads it, once, when the run has ended. */
  take(): Tally;
}

export function newAudit(): Audit {
  const folder = mkdtempSync(join(tmpdir(), 'rsc-audit-'));
  const file = join(folder, 'tally');
  return {
    flags: ['--audit', file],
    take() {
      const tally = JSON.parse(readFileSync(file, 'utf8')) as Tally;
      rmSync(folder, { recursive: true });
      return tally;
    },
  };
}

export function expectNoEscapes({ escapes, lost, dropped, unseen }: Tally): void {
  expect({ escapes, lost, dropped, unseen }).to.deep.equal({ escapes: 0, lost: 0, dropped: 0, unseen: 0 });
}
