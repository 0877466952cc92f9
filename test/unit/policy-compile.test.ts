import { expect } from 'chai';
import { trappedCalls } from '@rsc/core/abi/sets';
import { CompiledPolicy, Origin } from '@rsc/core/policy/compile';
import { policyOfPreset, policyOfSet, type Policy, type Rule } from '@rsc/core/policy/policy';

function policy(rules: readonly Rule[], rest: Partial<Policy> = {}): CompiledPolicy {
  return new CompiledPolicy({ version: 1, rules, default: 'local', ...rest });
}

const data: Rule = { paths: ['/data/**'], route: 'remote' };
const noSecrets: Rule = { paths: ['/data/secret/**'], route: 'deny', errno: 'EACCES' };
const noSockets: Rule = { syscalls: 'socket', route: 'deny', errno: 'EPERM' };

function trapped(compiled: CompiledPolicy): string[] {
  return [...trappedCalls(compiled.selection, compiled.watched)];
}

describe('a policy', () => {
  it('lets the first rule decide that matches', () => {
    const rules = policy([noSecrets, data]).rulesFor('openat');
    const routes = ['/data/secret/x', '/data/x', '/x'].map((path) => rules.decide('/bin/cat', path, 0).route);

    expect(routes).to.deep.equal(['deny', 'remote', 'local']);
  });

  it('has its own rules before those of its preset', () => {
    const rules = policy([{ syscalls: 'stat', route: 'local' }], { preset: 'file' });

    expect(['stat', 'lstat'].map((name) => rules.rulesFor(name).only?.route)).to.deep.equal([
      'local',
      'remote',
    ]);
  });

  it('asks the conditions of one rule all together', () => {
    const rules = policy([
      { program: ['/usr/bin/git'], origin: 'remote', paths: ['/x'], route: 'deny', errno: 'EIO' },
    ]).rulesFor('openat');
    const met = (program: string, path: string, origin: number) =>
      rules.decide(program, path, origin).route === 'deny';

    expect([
      met('/usr/bin/git', '/x', Origin.remote),
      met('/usr/bin/git', '/x', Origin.remote | Origin.local),
      met('/usr/bin/cat', '/x', Origin.remote),
      met('/usr/bin/git', '/y', Origin.remote),
      met('/usr/bin/git', '/x', Origin.local),
    ]).to.deep.equal([true, true, false, false, false]);
  });

  it('tries a rule only for calls that can meet it', () => {
    const rules = policy([data, { origin: 'remote', route: 'deny', errno: 'EIO' }]);
    const tried = ['openat', 'stat', 'read', 'getpid'].map((name) => rules.rulesFor(name).all.length);

    expect(tried).to.deep.equal([2, 1, 1, 0]);
  });

  it('denies nothing that a program cannot do without', () => {
    const rules = policy([{ syscalls: 'all', route: 'deny', errno: 'EPERM' }]);

    expect(
      ['exit', 'exit_group', 'rt_sigreturn', 'restart_syscall'].map((name) =>
        rules.denied.has(name as 'exit'),
      ),
    ).to.deep.equal([false, false, false, false]);
  });

  it('looks at no path of a call that is refused where it would be remote', () => {
    const rules = policy([{ paths: ['/srv/**'], route: 'local' }, data]).rulesFor('chroot');

    expect(rules.decide('/bin/x', '/srv/x', 0).route).to.equal('remote');
  });

  it('may keep a refused call here by its name', () => {
    const rules = policy([{ syscalls: 'chroot', route: 'local' }, data]);

    expect(rules.rulesFor('chroot').only?.route).to.equal('local');
  });

  it('traps for a set what the set did', () => {
    for (const list of ['file', 'stat,unlink', 'all', 'getppid', 'net', 'file,!openat', 'futex']) {
      const compiled = new CompiledPolicy(policyOfSet(list));
      expect([...compiled.watched], list).to.deep.equal([]);
    }
  });

  it('traps nothing for calls that stay here', () => {
    expect(trapped(new CompiledPolicy(policyOfPreset('net'))).includes('socket')).to.equal(false);
    expect(trapped(policy([{ syscalls: 'file', route: 'local' }]))).to.deep.equal([]);
  });

  it('traps what it denies, what would go round that, and what begins a program', () => {
    expect(trapped(policy([noSockets])).sort()).to.deep.equal([
      'execve',
      'execveat',
      'io_uring_setup',
      'socket',
    ]);
  });

  it('traps what leads to other programs where a rule asks for one', () => {
    const rule: Rule = { syscalls: 'getppid', program: ['/bin/x'], route: 'remote' };

    expect(trapped(policy([rule])).sort()).to.deep.equal(['execve', 'execveat', 'getppid']);
  });

  it('traps the calls on descriptors where a path can be remote', () => {
    expect(trapped(policy([data]))).to.include.members([
      'openat',
      'read',
      'close',
      'dup2',
      'mmap',
      'io_uring_setup',
    ]);
  });
});
