import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const checkout = resolve(__dirname, '../../..');

describe('the eBPF programs', function () {
  this.timeout(60_000);

  for (const arch of ['x86_64', 'aarch64']) {
    it(`compile for ${arch}, with their types and without warnings`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'rsc-bpf-'));
      try {
        execFileSync(join(checkout, 'scripts/build-bpf.sh'), [arch, folder]);
        const objects = readdirSync(folder).filter((name) => name.endsWith('.o'));
        const sections = objects.map((name) =>
          execFileSync('llvm-objdump', ['--section-headers', join(folder, name)], { encoding: 'utf8' }),
        );

        expect(objects).to.deep.equal(['claim.bpf.o', 'entry.bpf.o', 'veto.bpf.o']);
        for (const text of sections) expect(text).to.include(' .BTF ').and.include(' .BTF.ext ');
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  it('are under the GPL that the kernel asks for', () => {
    const terms = execFileSync(
      'grep',
      ['-L', 'SPDX-License-Identifier: GPL-2.0-only', '-r', 'bpf', '--include=*.[chS]'],
      {
        cwd: checkout,
        encoding: 'utf8',
      },
    );

    expect(terms).to.equal('');
  });
});
