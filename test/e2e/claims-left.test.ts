import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { errno } from '@rsc/core/abi/errno';
import { RuleKind } from '@rsc/core/tracer/claim-layout';
import { claim, tracing } from './claims/claiming';
import { cureForHeld, gone, heldBy } from './claims/held';
import { ANSWER, type Scenario } from './claims/scenario';
import { plainEnv } from './ending';
import { isInVm } from './places';

/** With those of attach-rounds.test.ts these are 200. In a VM the processor is emulated. */
const ROUNDS = isInVm ? 20 : 160;

const missing = cureForHeld();

function test(title: string, body: () => Promise<void>): void {
  if (missing === undefined) it(title, body);
  else it(`${title} - to have this tested: ${missing}`);
}

/** The tracers that hang. */
const tracers: ChildProcess[] = [];

/** Starts a tracer, and resolves when it hangs at a claim. */
async function hanging(scenario: Omit<Scenario, 'turns'>): Promise<ChildProcess> {
  const [program = '', ...args] = tracing({ ...scenario, turns: ['hang'] });
  const child = spawn(program, args, { env: plainEnv, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  tracers.push(child);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  expect(said.toString()).to.equal('hangs\n');
  return child;
}

/** Kills the tracer; what its program, which goes on, prints until its end. */
async function killed(child: ChildProcess): Promise<string> {
  let said = '';
  child.stdout?.on('data', (data: Buffer) => (said += data.toString()));
  child.kill('SIGKILL');
  await once(child, 'close');
  return said;
}

const generations = [{ rules: { getuid: {}, lseek: { kind: RuleKind.ifArguments, descriptors: [0] } } }];

describe('when the tracer is killed in the midst of a claim', function () {
  this.timeout(60_000);

  // A test that fails before it has killed its own leaves none.
  afterEach(() => {
    for (const tracer of tracers.splice(0)) tracer.kill('SIGKILL');
  });

  test('its program goes on, and no call of it is claimed any more', async () => {
    const tracer = await hanging({
      generations,
      remote: [40],
      survives: true,
      calls: ['lseek,40,0,9', 'getuid', 'lseek,40,0,9'],
    });

    expect(await killed(tracer)).to.equal(`${-errno.EBADF}\n0\n${-errno.EBADF}\n`);
  });

  test('no program and no map is left', async () => {
    const tracer = await hanging({ generations, calls: ['getuid'] });
    const held = heldBy(tracer.pid ?? 0);
    // Two look at each call where tasks can be preempted in them.
    expect(held.filter((each) => each.startsWith('prog'))).to.have.length.within(1, 2);
    expect(held.filter((each) => each.startsWith('map'))).to.have.length(9);

    await killed(tracer);
    await gone(held);
  });
});

describe('when the programs are unloaded', function () {
  this.timeout(60_000);

  test('no descriptor of them is left, and they can be loaded again', async () => {
    const scenario: Scenario = { generations, calls: ['getuid'] };

    expect((await claim(scenario)).results).to.deep.equal([ANSWER]);
    expect((await claim({ ...scenario, rounds: ROUNDS })).left).to.equal(0);
  });
});
