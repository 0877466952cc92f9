import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Ending } from './ending';
import { makeRoot, type Root } from './root';
import { rscRunAt } from './rsc';

/** A server's root, a folder that only this machine has, and a policy. */
export class Scene {
  readonly root: Root = makeRoot();
  readonly here = mkdtempSync(join(tmpdir(), 'rsc-here-'));
  private readonly folder = mkdtempSync(join(tmpdir(), 'rsc-policy-'));

  constructor() {
    writeFileSync(join(this.here, 'note'), 'a note that only this machine has\n');
  }

  remove(): void {
    this.root.remove();
    for (const folder of [this.here, this.folder]) rmSync(folder, { recursive: true });
  }

  /** A file with these rules, each written in flow style. */
  policy(...rules: readonly string[]): string {
    const file = join(this.folder, 'rules.yaml');
    writeFileSync(file, `version: 1\nrules:\n${rules.map((rule) => `  - {${rule}}\n`).join('')}`);
    return file;
  }

  /** Runs a command by these rules, from the folder that is here. */
  run(rules: readonly string[], ...command: readonly string[]): Promise<Ending> {
    const rsc = rscRunAt(this.root.path, '--policy', this.policy(...rules), '--', ...command);
    return run(['env', '-C', this.here, ...rsc]);
  }

  shell(rules: readonly string[], script: string): Promise<Ending> {
    return this.run(rules, 'sh', '-c', script);
  }
}

/** A rule by which the folder /work is the server's. */
export const work = 'paths: /work/**, route: remote';

/** A program that printed this. */
export function printed(stdout: string, stderr = '', status = 0): Ending {
  return { stdout, stderr, status };
}
