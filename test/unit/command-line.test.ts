import { expect } from 'chai';
import { endFlags } from '@rsc/cli/dist/run/command-line';

const lines: readonly (readonly [given: string, ended: string])[] = [
  ['ls -l', '-- ls -l'],
  ['-- ls -l', '-- ls -l'],
  ['--server tcp://h:1 ls -l', '--server tcp://h:1 -- ls -l'],
  ['--server=tcp://h:1 ls --server x', '--server=tcp://h:1 -- ls --server x'],
  ['--embedded d --cwd /x -- ls -- -l', '--embedded d --cwd /x -- ls -- -l'],
  ['--help', '--help --'],
  ['- x', '-- - x'],
];

describe('the command line of rsc run', () => {
  for (const [given, ended] of lines) {
    it(`reads ${given} as ${ended}`, () => {
      expect(endFlags(given.split(' ')).join(' ')).to.equal(ended);
    });
  }
});
