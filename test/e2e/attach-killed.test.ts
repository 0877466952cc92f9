import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { statusField, TwoSides } from './attaching';
import { cureFor } from './claims/claiming';
import { guest, isInVm } from './places';
import { Chance } from './property/chance';
import { startServer } from './server';

/** The moments follow from a seed, and are counted by answers of the program: again with RSC_SEED=1234. */
const seed = Number(process.env['RSC_SEED'] ?? 1);
const ROUNDS = isInVm ? 2 : 20;
const ANSWERS = 20;
const LOSSES = isInVm ? 2 : 10;

/** The states of all threads of a process. */
function statesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map(
    (tid) => /^State:\s*(\S)/m.exec(readFileSync(`/proc/${pid}/task/${tid}/status`, 'latin1'))?.[1] ?? '',
  );
}

const missing = cureFor([]);
const harmless = ['--engine', 'ebpf', '--syscalls', 'stat,newfstatat'];

describe('a busy process that rsc has attached, with the engine ebpf', function () {
  this.timeout(240_000);
  let sides: TwoSides;

  beforeEach(() => (sides = new TwoSides()));
  afterEach(() => sides.clear());

  const goesOn = `goes on when rsc is killed, ${ROUNDS} times: no thread stays stopped, no answer is wrong`;
  const hasEio = `has EIO, and is let go, when the server is killed, ${LOSSES} times`;
  if (missing !== undefined) {
    for (const title of [goesOn, hasEio]) it(`${title} - to have this tested: ${missing}`);
    return;
  }

  it(goesOn, async () => {
    const chance = new Chance(seed);
    const target = sides.start(guest('looks'), sides.folder);
    await target.hears('under way');
    const seen = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const rsc = await sides.attach(target.pid, ...harmless);
      for (let answers = 1 + chance.below(ANSWERS); answers > 0; answers--)
        seen.add(await target.answer('?'));
      await rsc.stop();
      expect(await target.answer('?'), `round ${round}`).to.equal('here, wrong answers: 0');
      expect(statesOf(target.pid).filter((state) => state === 'T' || state === 't')).to.deep.equal([]);
      expect(statusField(target.pid, 'TracerPid')).to.equal('0');
    }

    expect([...seen]).to.deep.equal(['there, wrong answers: 0']);
  });

  it(hasEio, async () => {
    const chance = new Chance(seed);
    for (let round = 0; round < LOSSES; round++) {
      const target = sides.start(guest('looks'), sides.folder);
      await target.hears('under way');
      const server = await startServer(sides.root);
      const rsc = sides.rsc('--server', server.url, '--pid', String(target.pid), ...harmless);
      await rsc.hears('attached');
      for (let answers = 1 + chance.below(ANSWERS); answers > 0; answers--)
        expect(await target.answer('?')).to.equal('there, wrong answers: 0');
      await server.kill();
      await rsc.hears('remote calls answer EIO from now on');
      expect(await target.answer('?')).to.match(/^EIO, wrong answers: \d+$/);
      await sides.detach(rsc);
      expect(await target.answer('?')).to.match(/^here, wrong answers: \d+$/);
      expect(statesOf(target.pid).filter((state) => state === 'T' || state === 't')).to.deep.equal([]);
      await target.stop();
    }
  });
});
