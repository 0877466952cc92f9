import { expect } from 'chai';
import { effectOf, entryPointOf } from '@rsc/core/abi/claimed';
import { errno } from '@rsc/core/abi/errno';
import { rowsOf } from '@rsc/core/abi/lookup';
import { syscallNames, table, type SyscallName } from '@rsc/core/abi/table';
import { undeniable } from '@rsc/core/abi/sets';
import { RscError } from '@rsc/core/errors';
import { CompiledPolicy } from '@rsc/core/policy/compile';
import { functionsOf, type Veto } from '@rsc/core/tracer/claim-plan';
import { claimAll } from '@rsc/core/tracer/claiming';
import type { ClaimMachine } from '@rsc/core/tracer/claims';
import { cureFor } from './claims/claiming';
import type { Group } from './claims/effect-tracer';
import { Proof } from './claims/proof';
import { recipes } from './claims/recipes';

/** All that a policy may have claimed, by denying it, and that do something then. */
const denied = syscallNames.filter((name) => effectOf(table[name]).kind === 'done' && !undeniable.has(name));

/** Those that security hooks keep from it. */
const hooked = denied.filter((name) => {
  const effect = effectOf(table[name]);
  return effect.kind === 'done' && effect.hooks.length > 0;
});
/** Those that can be refused as a whole. */
const refusable = denied.filter((name) => takesArguments(name) || hooked.includes(name));

/** Exactly refused calls are so by their own function alone; the others by their hooks, as if no other call were claimed. */
const strengths: readonly { veto: Veto; told: string; groups: readonly Group[] }[] = [
  {
    veto: 'exact',
    told: '__x64_sys_openat',
    groups: [{ vetoes: refusable.map(entryPointOf), names: refusable }],
  },
  { veto: 'wide', told: 'security_inode_permission', groups: byHooks(hooked) },
];

function byHooks(names: readonly SyscallName[]): Group[] {
  const groups = new Map<string, Group>();
  for (const name of names) {
    const vetoes = functionsOf([name], 'wide');
    const group = groups.get(vetoes.join()) ?? { vetoes, names: [] };
    groups.set(vetoes.join(), { vetoes, names: [...group.names, name] });
  }
  return [...groups.values()];
}

const isLoading = new Error('the engine loads its programs');
/** Of what the engine has decided to load nothing becomes. */
const unloaded = {
  openClaims: (): never => {
    throw isLoading;
  },
} as unknown as ClaimMachine;

/** Whether the engine refuses a policy that denies the call, before it loads anything. */
function refusesToClaim(name: SyscallName, veto: Veto): boolean {
  const rules = [{ syscalls: name, route: 'deny', errno: 'EPERM' }] as const;
  const policy = new CompiledPolicy({ version: 1, rules, default: 'local' });
  try {
    claimAll(unloaded, { arch: 'x86_64', policy, exec: 'local', endWithTracer: true }, [veto]);
  } catch (error) {
    if (error === isLoading) return false;
    if (error instanceof RscError && error.message.includes(`(${name}`)) return true;
    throw error;
  }
  throw new Error('nothing is loaded, nor refused');
}

function takesArguments(name: SyscallName): boolean {
  return rowsOf(table[name]).some(({ names }) => names.length > 0);
}

describe('calls that do something when they are claimed', function () {
  this.timeout(10_000);

  it('all have a recipe that makes them do it, and no other call has one', () => {
    expect(Object.keys(recipes).sort()).to.deep.equal([...refusable].sort());
  });

  for (const veto of ['exact', 'wide', 'none'] as const) {
    it(`are claimed by the engine as far as the veto reaches: ${veto}`, () => {
      const refused = denied.filter((name) => refusesToClaim(name, veto));
      const isOutside = {
        exact: (name: SyscallName) => !refusable.includes(name),
        wide: (name: SyscallName) => !hooked.includes(name),
        none: () => true,
      };
      expect(refused).to.deep.equal(denied.filter(isOutside[veto]));
    });
  }
});

for (const { veto, told, groups } of strengths) {
  describe(`the ${veto} veto leaves no effect here`, function () {
    // The first has the programs loaded, one for each function.
    this.timeout(60_000);
    const names = groups.flatMap((group) => group.names);
    const missing = cureFor([told]);
    if (missing !== undefined) {
      it(`of each of ${names.length} calls - to have this tested: ${missing}`);
      return;
    }
    let proof: Proof;
    before(() => (proof = new Proof(groups)));
    after(() => proof.end());

    for (const name of names) {
      const { unseen, leaves } = recipes[name] ?? {};
      const left = veto === 'wide' ? leaves : undefined;
      const because = unseen
        ? ` (not compared: ${unseen})`
        : left
          ? ` (but its ${left.part}: ${left.because})`
          : '';
      it(`${name}${because}`, async function () {
        const claimed = await proof.changeOf(name, true);
        if (claimed.result === -errno.ENOSYS) this.skip();
        expect(claimed).to.deep.include({ changed: left === undefined ? [] : [left.part], unprepared: [] });
        expect(claimed.result).to.be.below(0);
        if (veto === 'exact') expect(claimed.result).to.equal(-errno.EIO);
        if (unseen !== undefined) return;
        const free = await proof.changeOf(name, false);
        expect(free.unprepared).to.deep.equal([]);
        expect(free.changed, `without a claim (result ${free.result})`).to.not.deep.equal([]);
      });
    }
  });
}
