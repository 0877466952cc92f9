import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const repository = join(__dirname, '../../..');

interface Shown {
  readonly command: string;
  readonly output: string;
}

/** The commands of the README's first transcript, with what it shows below each. */
function transcript(): Shown[] {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  const block = /```console\n(.*?)```/s.exec(readme)?.[1] ?? '';
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const end = step.indexOf('\n');
      return { command: step.slice(0, end), output: step.slice(end + 1) };
    });
}

describe('the README', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'rsc-readme-'));
  symlinkSync(join(repository, 'packages/cli/bin/rsc.js'), join(folder, 'rsc'));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('shows a transcript on its first screen', () => {
    expect(transcript().length).to.be.within(4, 10);
  });

  for (const { command, output } of transcript()) {
    it(`shows what happens at: ${command.slice(0, 50)}`, () => {
      const { stdout, stderr } = spawnSync('bash', ['-c', command], {
        cwd: folder,
        env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C' },
        encoding: 'utf8',
      });
      expect(stdout + stderr).to.equal(output);
    });
  }
});
