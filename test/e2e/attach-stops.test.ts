import { expect } from 'chai';
import { TwoSides } from './attaching';
import { needsOf, worksHere } from './engines';
import { guest } from './places';
import type { Talk } from './talk';

/** The looks at a file of all threads of `counted`. */
const MATCHED = 4 * 500;
/** Now and then a thread waits for a lock of the kernel's too. */
const LOCKS = MATCHED / 10;
/** Of the speed that calls have natively: those that are not matched. */
const SPEED = 0.6;

interface Round {
  readonly stops: number;
  readonly wrong: number;
  /** Nanoseconds of a call that is not matched. */
  readonly unmatched: number;
}

async function roundOf(program: Talk): Promise<Round> {
  const [stops = -1, wrong = -1, unmatched = -1] = (await program.answer('go')).split(' ').map(Number);
  return { stops, wrong, unmatched };
}

/** The quickest of three. */
async function quickest(program: Talk): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 3; round++) least = Math.min(least, (await roundOf(program)).unmatched);
  return least;
}

const rows = [
  { what: 'all file calls', set: 'file', needs: needsOf.ebpf, works: () => worksHere('ebpf') },
  {
    what: 'calls that only look',
    set: 'stat,newfstatat',
    needs: needsOf.hybrid,
    works: () => worksHere('hybrid', process.getuid?.()),
  },
];

describe('a busy process with the engine ebpf attached', function () {
  this.timeout(240_000);
  let sides: TwoSides;

  beforeEach(() => (sides = new TwoSides()));
  afterEach(() => sides.clear());

  for (const { what, set, needs, works } of rows) {
    it(`stops once for each call that is matched, and runs on at all others: ${what} (what it needs: ${needs})`, async function () {
      if (!works()) this.skip();
      const program = sides.start(guest('counted'), sides.folder);
      await program.hears('under way');
      const native = { ...(await roundOf(program)), unmatched: await quickest(program) };
      const rsc = await sides.attach(program.pid, '--engine', 'ebpf', '--syscalls', set);
      await roundOf(program);
      const attached = { ...(await roundOf(program)), unmatched: await quickest(program) };
      await sides.detach(rsc);
      const after = await roundOf(program);

      expect([native.wrong, attached.wrong, after.wrong]).to.deep.equal([0, 0, 0]);
      expect(attached.stops).to.be.within(MATCHED, MATCHED + LOCKS);
      expect(Math.max(native.stops, after.stops)).to.be.at.most(LOCKS);
      expect(native.unmatched / attached.unmatched).to.be.above(SPEED);
    });
  }
});
