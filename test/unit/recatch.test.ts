import { expect } from 'chai';
import { numberOf } from '@rsc/core/abi/lookup';
import { CompiledPolicy } from '@rsc/core/policy/compile';
import { policyOfSet } from '@rsc/core/policy/policy';
import { catchOf } from '@rsc/core/tracer/engine';
import { recatchByFilter } from '@rsc/core/tracer/recatch';
import { covers, joined } from '@rsc/core/tracer/traps';

const compiled = (set: string): CompiledPolicy => new CompiledPolicy(policyOfSet(set));

describe('a filter that is installed', () => {
  const recatch = recatchByFilter('x86_64', catchOf('x86_64', [compiled('file')], 'notify', 'notify'));

  it('does for a policy that speaks of fewer calls', () => {
    expect(recatch(compiled('openat,close')).kind).to.equal('caught');
  });

  it('does not do for calls that it lets pass, which are named', () => {
    expect(recatch(compiled('openat,getppid,uname'))).to.deep.equal({
      kind: 'missing',
      names: ['getppid', 'uname'].filter((name) => numberOf('x86_64', name) >= 0),
    });
  });

  it('does for all policies whose calls it was made to catch', () => {
    const both = catchOf('x86_64', [compiled('getppid'), compiled('file')], 'seccomp', 'stop');
    const wide = recatchByFilter('x86_64', both);

    expect([wide(compiled('file')).kind, wide(compiled('getppid')).kind]).to.deep.equal(['caught', 'caught']);
  });
});

describe('traps that are joined', () => {
  const unless = { argument: 3, bits: 0x20 };
  const traps = (...caught: readonly (readonly [number, object])[]) =>
    ({ caught: new Map(caught), others: 'stop', lastKnown: 500 }) as unknown as Parameters<typeof joined>[0];

  it('catch all that one of them catches', () => {
    const all = joined(traps([9, { by: 'stop', unless }]), traps([9, { by: 'stop' }], [1, { by: 'stop' }]));

    expect(covers(all.caught.get(9), { by: 'stop' })).to.equal(true);
    expect(covers(all.caught.get(1), { by: 'stop', unless })).to.equal(true);
    expect(covers(all.caught.get(2), { by: 'stop' })).to.equal(false);
  });
});
