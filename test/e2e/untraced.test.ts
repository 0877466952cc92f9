import { expect } from 'chai';
import { errno } from '@rsc/core/abi/errno';
import { guest } from './places';
import { makeRoot, type Root } from './root';
import { runEmbedded } from './rsc';

describe('a process that cannot be traced', () => {
  let root: Root;

  beforeEach(() => (root = makeRoot()));
  afterEach(() => root.remove());

  for (const engine of ['auto', 'seccomp']) {
    it(`gets ENOSYS for what would be remote, and no wrong answer, with the engine ${engine}`, async () => {
      const { stdout, status } = await runEmbedded(root.path, [guest('untraced')], {}, ['--engine', engine]);
      expect([stdout, status]).to.deep.equal([`untraced: exit status ${errno.ENOSYS}\n`, 0]);
    });
  }
});
