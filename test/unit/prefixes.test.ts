import { expect } from 'chai';
import { CompiledPolicy } from '@rsc/core/policy/compile';
import { policyOfSet, type Policy } from '@rsc/core/policy/policy';
import { prefixesOf } from '@rsc/core/policy/prefixes';
import type { SyscallName } from '@rsc/core/abi/table';

const calls: readonly SyscallName[] = ['openat', 'newfstatat', 'unlink'];

/** The sides of some prefixes under a policy. */
function sides(policy: Policy, prefixes: readonly string[], names = calls): (string | undefined)[] {
  const all = prefixesOf(new CompiledPolicy(policy), names, 'local');
  return prefixes.map((prefix) => all.get(prefix));
}

const rules = (...list: Policy['rules']): Policy => ({ version: 1, rules: list, default: 'local' });

describe('the sides of paths that their beginnings tell', () => {
  it('has all of the server where all calls on files are, but for what is local by default', () => {
    expect(sides(policyOfSet('file'), ['', '/usr', '/dev', '/etc/ld.so.cache'])).to.deep.equal([
      'remote',
      'local',
      'local',
      'local',
    ]);
  });

  it('is never sure of links to what is remote', () => {
    expect(sides(policyOfSet('file'), ['/proc', '/dev/fd', '/dev/stdin'])).to.deep.equal([
      'unsure',
      'unsure',
      'unsure',
    ]);
  });

  it('is unsure where one call is of the server and another one stays', () => {
    expect(sides(policyOfSet('openat'), ['', '/usr'])).to.deep.equal(['unsure', 'local']);
  });

  it('knows folders that a rule names, below local ones too', () => {
    const policy = rules({ paths: ['/data/**', '/usr/share/**'], route: 'remote' });
    expect(sides(policy, ['', '/data', '/usr', '/usr/share'])).to.deep.equal([
      'local',
      'remote',
      'local',
      'remote',
    ]);
  });

  it('is unsure below what a pattern begins with, and of single files', () => {
    const policy = rules({ paths: ['/data/*.txt', '/etc/hosts'], route: 'remote' });
    expect(sides(policy, ['', '/data', '/etc/hosts'])).to.deep.equal(['local', 'unsure', 'unsure']);
  });

  it('is unsure where the program decides, or a call is denied', () => {
    const policy = rules(
      { paths: ['/a/**'], program: ['/bin/cat'], route: 'remote' },
      { paths: ['/b/**'], route: 'deny', errno: 'EPERM' },
    );
    expect(sides(policy, ['', '/a', '/b'])).to.deep.equal(['local', 'unsure', 'unsure']);
  });

  it('takes the first rule that is sure of a folder', () => {
    const policy = rules({ paths: ['/a/b/**'], route: 'local' }, { paths: ['/**'], route: 'remote' });
    expect(sides(policy, ['', '/a/b'])).to.deep.equal(['remote', 'local']);
  });
});
