import { expect } from 'chai';
import { splitCommandLine } from '@rsc/cli/dist/run/command-line';

const lines: readonly (readonly [line: string, flags: string, command: string])[] = [
  ['ls -l', '', 'ls -l'],
  ['-- ls -l', '', 'ls -l'],
  ['--server tcp://h:1 ls -l', '--server tcp://h:1', 'ls -l'],
  ['--server=tcp://h:1 ls --server x', '--server=tcp://h:1', 'ls --server x'],
  ['--embedded d --cwd /x -- ls -- -l', '--embedded d --cwd /x', 'ls -- -l'],
  ['sed -i -e s/a/b/ -- file', '', 'sed -i -e s/a/b/ -- file'],
  ['--help', '--help', ''],
  ['- x', '', '- x'],
];

describe('the command line of rsc run', () => {
  for (const [line, flags, command] of lines) {
    it(`takes ${command || 'nothing'} as the command of ${line}`, () => {
      const split = splitCommandLine(line.split(' '));
      expect([split.flags.join(' '), split.command.join(' ')]).to.deep.equal([flags, command]);
    });
  }
});
