import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import type { Change, Group } from './claims/effect-tracer';
import { recipes } from './claims/recipes';
import { plainEnv, run } from './ending';

/** All calls of the table that do something here when they are claimed, and that security hooks keep from it. */
const withEffect = syscallNames.filter((name) => {
  const effect = effectOf(table[name]);
  return effect.kind === 'done' && effect.hooks.length > 0 && rowsOf(table[name]).length === 1;
});

/** Exactly refused calls are so by their own function alone; the others by their hooks, as if no other call were claimed. */
const strengths: readonly { veto: Veto; told: string; groups: readonly Group[] }[] = [
  {
    veto: 'exact',
    told: '__x64_sys_openat',
    groups: [{ vetoes: withEffect.map(entryPointOf), names: withEffect }],
  },
  { veto: 'wide', told: 'security_inode_permission', groups: byHooks(withEffect) },
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

/** All that a policy may have claimed, by denying it, and that do something then. */
const denied = syscallNames.filter((name) => effectOf(table[name]).kind === 'done' && !undeniable.has(name));

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

async function changesUnder(groups: readonly Group[]): Promise<Change[]> {
  const folder = mkdtempSync(join(tmpdir(), 'rsc-effects-'));
  try {
    // What is mounted, and named, by mistake or to compare, is so for this program only.
    const tracer = [process.execPath, join(__dirname, 'claims/effect-tracer.js')];
    const command = ['unshare', '-m', '-u', '-i', '-n', ...tracer, JSON.stringify(groups), folder];
    const { stdout, stderr, status } = await run(command, { env: plainEnv, deadlineMs: 580_000 });
    if (status !== 0)
      throw new Error(`the tracer ended with ${status} after ${stdout.slice(-300)}:\n${stderr}`);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Change);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('calls that do something when they are claimed', function () {
  this.timeout(10_000);

  it('all have a recipe that makes them do it, and no other call has one', () => {
    expect(Object.keys(recipes).sort()).to.deep.equal([...withEffect].sort());
  });

  for (const veto of ['exact', 'wide', 'none'] as const) {
    it(`are claimed by the engine as far as the veto reaches: ${veto}`, () => {
      const refused = denied.filter((name) => refusesToClaim(name, veto));
      const isOutside = {
        exact: (name: SyscallName) => !takesArguments(name) && !withEffect.includes(name),
        wide: (name: SyscallName) => !withEffect.includes(name),
        none: () => true,
      };
      expect(refused).to.deep.equal(denied.filter(isOutside[veto]));
    });
  }
});

for (const { veto, told, groups } of strengths) {
  describe(`the ${veto} veto leaves no effect here`, function () {
    this.timeout(600_000);
    const missing = cureFor([told]);
    if (missing !== undefined) {
      it(`of each of ${withEffect.length} calls - to have this tested: ${missing}`);
      return;
    }
    let changes: Change[] = [];
    before(async () => (changes = await changesUnder(groups)));

    for (const name of withEffect) {
      const unseen = recipes[name]?.unseen;
      it(unseen === undefined ? name : `${name} (not compared: ${unseen})`, function () {
        const [claimed, free] = [true, false].map((isClaimed) =>
          changes.find((each) => each.name === name && each.isClaimed === isClaimed),
        );
        if (claimed?.result === -errno.ENOSYS) this.skip();
        expect(claimed).to.deep.include({ changed: [], unprepared: [] });
        expect(claimed?.result).to.be.below(0);
        if (veto === 'exact') expect(claimed?.result).to.equal(-errno.EIO);
        if (unseen !== undefined) return;
        expect(free?.unprepared).to.deep.equal([]);
        expect(free?.changed, `without a claim (result ${free?.result})`).to.not.deep.equal([]);
      });
    }
  });
}
