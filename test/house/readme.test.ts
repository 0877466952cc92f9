import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const repository = join(__dirname, '../../..');

interface Shown {
  readonly command: string;
  readonly output: string;
}

/** The commands of a page's first transcript, with what it shows below each. */
function transcript(page: string): Shown[] {
  return blockOf(page, 'console')
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const end = step.indexOf('\n');
      return { command: step.slice(0, end), output: step.slice(end + 1) };
    });
}

/** A page's first block in a language. */
function blockOf(page: string, language: string): string {
  const text = readFileSync(join(repository, page), 'utf8');
  return new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(text)?.[1] ?? '';
}

/** Where the commands of a page are run. */
class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'rsc-page-'));

  constructor() {
    symlinkSync(join(repository, 'packages/cli/bin/rsc.js'), join(this.path, 'rsc'));
  }

  run(command: string): string {
    const { stdout, stderr } = spawnSync('bash', ['-c', command], {
      cwd: this.path,
      env: {
        ...process.env,
        PATH: `${this.path}:${process.env['PATH'] ?? ''}`,
        LC_ALL: 'C',
        XDG_CONFIG_HOME: join(this.path, 'config'),
      },
      encoding: 'utf8',
    });
    return stdout + stderr;
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

describe('the README', function () {
  this.timeout(60_000);
  const folder = new Folder();
  after(() => {
    folder.remove();
  });

  it('shows a transcript on its first screen', () => {
    expect(transcript('README.md').length).to.be.within(4, 10);
  });

  for (const { command, output } of transcript('README.md')) {
    it(`shows what happens at: ${command.slice(0, 50)}`, () => {
      expect(folder.run(command)).to.equal(output);
    });
  }
});

describe('the page on policies', function () {
  this.timeout(60_000);
  const folder = new Folder();
  before(() => {
    writeFileSync(join(folder.path, 'rules.yaml'), blockOf('docs/policy.md', 'yaml'));
  });
  after(() => {
    folder.remove();
  });

  it('has an example, and a transcript of what is made of it', () => {
    expect(transcript('docs/policy.md').length).to.equal(4);
  });

  for (const { command, output } of transcript('docs/policy.md')) {
    it(`shows what happens at: ${command.slice(0, 50)}`, () => {
      expect(folder.run(command)).to.equal(output);
    });
  }
});
