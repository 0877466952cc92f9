import { expect } from 'chai';
import { errno } from '@rsc/core/abi/errno';
import { RuleFlag } from '@rsc/core/tracer/claim-layout';
import { cureFor } from './claims/claiming';
import { effectsOf, type Effect } from './claims/effects';
import { ANSWER } from './claims/scenario';

const AT_FDCWD = -100;
const O_CREAT = 0x40 | 0x1;
const O_TRUNC = 0x200 | 0x1;

/** Calls that would change the folder, each alone. */
const effects: readonly Effect[] = [
  { name: 'openat', args: [AT_FDCWD, '@new', O_CREAT, 0o644] },
  { name: 'open', args: ['@file', O_TRUNC] },
  { name: 'mkdir', args: ['@made', 0o755] },
  { name: 'unlink', args: ['@link'] },
  { name: 'rmdir', args: ['@directory'] },
  { name: 'rename', args: ['@file', '@renamed'] },
  { name: 'truncate', args: ['@file', 3] },
  { name: 'chmod', args: ['@file', 0o600] },
  { name: 'lchown', args: ['@file', 1, 1] },
  { name: 'link', args: ['@file', '@second'] },
  { name: 'symlink', args: ['@file', '@pointer'] },
  { name: 'mknod', args: ['@fifo', 0o10644, 0] },
  { name: 'utimensat', args: [AT_FDCWD, '@file', 'z:32', 0] },
  { name: 'setxattr', args: ['@file', 's:user.rsc', 's:value', 5, 0] },
];

const strengths: readonly { word: string; of: (effect: Effect) => string }[] = [
  { word: 'exact', of: ({ name }) => `__x64_sys_${name}` },
  { word: 'wide', of: () => 'security_inode_permission' },
];

for (const { word, of } of strengths) {
  describe(`the ${word} veto`, function () {
    this.timeout(120_000);
    const vetoes = [...new Set(effects.map(of))];
    const missing = cureFor(vetoes.slice(0, 1));

    function test(title: string, body: () => Promise<void>): void {
      if (missing === undefined) it(title, body);
      else it(`${title} - to have this tested: ${missing}`);
    }

    test('keeps every claimed call from changing anything here', async () => {
      const { before, after, results, claims, counters } = await effectsOf(effects, vetoes);

      expect(after).to.equal(before);
      expect(results).to.deep.equal(effects.map(() => ANSWER));
      expect(claims.map(({ call, result }) => [call, result])).to.deep.equal(
        effects.map(({ name }) => [name, -errno.EIO]),
      );
      expect(counters).to.include({ claimed: effects.length, escapes: 0, lost: 0, dropped: 0 });
    });

    test('lets calls have their effect here whose rules want it', async () => {
      const made = effects.filter(({ name }) => name === 'mkdir');
      const { before, after, results } = await effectsOf(made, vetoes, { flags: RuleFlag.isWanted });

      expect(after).to.not.equal(before);
      expect(results).to.deep.equal([ANSWER]);
    });
  });
}
