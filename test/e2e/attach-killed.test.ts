import { expect } from 'chai';
import { statusField, stoppedThreads, TwoSides } from './attaching';
import { cureFor } from './claims/claiming';
import { guest, isInVm } from './places';
import { Chance, seed } from './property/chance';

const ROUNDS = isInVm ? 2 : 20;
/** The moments follow from the seed, and are counted by answers of the program. */
const ANSWERS = 20;

const missing = cureFor([]);
const harmless = ['--engine', 'ebpf', '--syscalls', 'stat,newfstatat'];

describe('a busy process that rsc has attached, with the engine ebpf', function () {
  this.timeout(240_000);
  let sides: TwoSides;

  beforeEach(() => (sides = new TwoSides()));
  afterEach(() => sides.clear());

  const goesOn = `goes on when rsc is killed, ${ROUNDS} times: no thread stays stopped, no answer is wrong`;
  if (missing !== undefined) {
    it(`${goesOn} - to have this tested: ${missing}`);
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
      expect(stoppedThreads(target.pid)).to.deep.equal([]);
      expect(statusField(target.pid, 'TracerPid')).to.equal('0');
    }

    expect([...seen]).to.deep.equal(['there, wrong answers: 0']);
  });
});
