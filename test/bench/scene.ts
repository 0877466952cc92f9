import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the benchmark works on: a server's root with /work in it. */
export interface Scene {
  readonly root: string;
  remove(): void;
}

export const fileCount = 2000;
const directoryCount = 40;

/** Makes /work/small, /work/large (256 MiB), /work/many (a repository of 2000 files) and /work/hundred.py. */
export function makeScene(): Scene {
  const root = mkdtempSync(join(tmpdir(), 'rsc-bench-'));
  const work = join(root, 'work');
  chmodSync(root, 0o755);
  mkdirSync(join(root, 'tmp'));
  mkdirSync(work);
  writeFileSync(join(work, 'small'), 'x'.repeat(4096));
  writeFileSync(join(work, 'large'), Buffer.alloc(256 << 20, 'large'));
  writeFileSync(join(work, 'hundred.py'), readHundredFiles);
  makeRepository(join(work, 'many'));
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

const readHundredFiles = `
import glob
total = 0
for name in sorted(glob.glob("/work/many/0[0-3]/*"))[:100]:
    with open(name, encoding="utf8") as stream:
        total += len(stream.read())
print(total)
`;

function makeRepository(path: string): void {
  for (let i = 0; i < fileCount; i++) {
    const folder = join(path, String(i % directoryCount).padStart(2, '0'));
    mkdirSync(folder, { recursive: true });
    const line = `file ${i}: the quick brown fox jumps over the lazy dog\n`;
    writeFileSync(join(folder, `file-${i}.txt`), line.repeat(10 + (i % 50)) + (i % 500 ? '' : 'a needle\n'));
  }
  const git = (...args: string[]): Buffer => execFileSync('git', ['-C', path, ...args]);
  git('init', '--quiet');
  git('add', '.');
  git('-c', 'user.name=Bench', '-c', 'user.email=bench@example.org', 'commit', '--quiet', '-m', 'many files');
}
