import { expect } from 'chai';
import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './ending';
import { mountPoints } from './local-paths';
import { makeRoot, type Root } from './root';
import { treeOf } from './tree';

/** Would print, and write, if it ever ran to its end. */
export const program = ['sh', '-c', 'cd /work && cat notes.txt && echo changed > notes.txt && echo end'];

/** What rsc prints: one line that says what could not be done and why, and where there is a way, one that names it. */
export function complaint(line: string, suggestion?: string): string {
  return `rsc: ${line}\n${suggestion === undefined ? '' : `  try: ${suggestion}\n`}`;
}

/** A server's root for each test of a suite, which each test must leave as it was. */
export class UntouchedRoot {
  private root: Root | undefined;
  private before: Record<string, string> = {};

  constructor() {
    beforeEach(() => {
      this.root = makeRoot();
      this.before = this.tree();
    });
    afterEach(() => {
      const after = this.tree();
      this.root?.remove();
      expect(after).to.deep.equal(this.before);
    });
  }

  get path(): string {
    return this.root?.path ?? '';
  }

  /** Makes a file that is not in the root, and goes with it; returns its path. */
  fileBeside(name: string, content: string, mode = 0o600): string {
    const path = join(dirname(this.path), name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }

  private tree(): Record<string, string> {
    return treeOf(this.path, { without: mountPoints, sinceMs: Infinity });
  }
}

export async function expectFailure(
  command: readonly string[],
  status: number,
  stderr: string,
): Promise<void> {
  expect(await run(command)).to.deep.equal({ stdout: '', stderr, status });
}
