import { expect } from 'chai';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { errno } from '@rsc/core/abi/errno';
import { RuleKind } from '@rsc/core/tracer/claim-layout';
import { claim, cureFor, tracing } from './claims/claiming';
import { ANSWER, type Scenario } from './claims/scenario';
import { plainEnv } from './ending';

const missing =
  cureFor([]) ?? (spawnSync('bpftool', ['version']).status === 0 ? undefined : 'apt-get install bpftool');

function test(title: string, body: () => Promise<void>): void {
  if (missing === undefined) it(title, body);
  else it(`${title} - to have this tested: ${missing}`);
}

/** Ids of the programs and maps that a process holds (proc(5), fdinfo). */
function heldBy(pid: number): string[] {
  const texts = readdirSync(`/proc/${pid}/fdinfo`).map((fd) =>
    readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'),
  );
  const found = texts.flatMap((text) => [...text.matchAll(/^(prog|map)_id:\s*(\d+)$/gm)]);
  return found.map(([, kind, id]) => `${kind} show id ${id}`);
}

/** Resolves when none of them exists any more. The kernel frees them after the process that held them has ended. */
async function gone(held: readonly string[]): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (const each of held) {
    for (;;) {
      const [status] = (await once(spawn('bpftool', each.split(' ')), 'close')) as [number];
      if (status !== 0) break;
      if (Date.now() > deadline) throw new Error(`bpftool ${each} still finds something after 10 s`);
    }
  }
}

/** Starts a tracer, and resolves when it hangs at a claim. */
async function hanging(scenario: Omit<Scenario, 'turns'>): Promise<ChildProcess> {
  const [program = '', ...args] = tracing({ ...scenario, turns: ['hang'] });
  const child = spawn(program, args, { env: plainEnv, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
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
    expect(held.filter((each) => each.startsWith('prog'))).to.have.length(1);
    expect(held.filter((each) => each.startsWith('map'))).to.have.length(10);

    await killed(tracer);
    await gone(held);
  });
});

describe('when the programs are unloaded', function () {
  this.timeout(60_000);

  test('no descriptor of them is left, and they can be loaded again', async () => {
    const scenario: Scenario = { generations, calls: ['getuid'] };

    expect((await claim(scenario)).results).to.deep.equal([ANSWER]);
    expect((await claim({ ...scenario, rounds: 20 })).left).to.equal(0);
  });
});
