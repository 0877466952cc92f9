import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claim, type Seen } from './claiming';
import type { RuleWords } from './scenario';

/** A call with an effect, as static-make-calls is told it: its paths are names in the folder. */
export interface Effect {
  /** Of the call, as rules name it. */
  readonly name: string;
  /** Its arguments; `@NAME` stands for the path of a name in the folder. */
  readonly args: readonly (string | number)[];
}

export interface Effects extends Seen {
  /** What the folder holds before and after: names, kinds, modes, owners, sizes, times, links, contents. */
  readonly before: string;
  readonly after: string;
}

/** Has calls claimed, under these vetoes, in a folder with something in it. */
export async function effectsOf(
  effects: readonly Effect[],
  vetoes: readonly string[],
  rule: RuleWords = {},
): Promise<Effects> {
  const folder = mkdtempSync(join(tmpdir(), 'rsc-effects-'));
  try {
    writeFileSync(join(folder, 'file'), 'as it was\n');
    symlinkSync('file', join(folder, 'link'));
    execFileSync('mkdir', [join(folder, 'directory')]);
    const before = inventory(folder);
    const calls = effects.map(({ name, args }) =>
      [name, ...args.map((each) => `${each}`.replace('@', `s:${folder}/`))].join(','),
    );
    const rules = Object.fromEntries(effects.map(({ name }) => [name, rule]));
    const seen = await claim({ vetoes, generations: [{ rules }], calls });
    return { ...seen, before, after: inventory(folder) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function inventory(folder: string): string {
  const script = `find . -printf '%p %y %m %U %G %s %T@ %C@ %n %l\\n' | sort; cat file`;
  return execFileSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
}
