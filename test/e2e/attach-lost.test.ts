import { expect } from 'chai';
import { statusField, stoppedThreads, TwoSides } from './attaching';
import { needsOf, worksHere } from './engines';
import { guest, isInVm } from './places';
import { Chance, seed } from './property/chance';
import { descendantsOf, startServer } from './server';

const LOSSES = isInVm ? 2 : 10;
/** The moments follow from the seed, and are counted by answers of the program. */
const ANSWERS = 20;

/** Of each thread of the program, the last error may be counted after the answer that tells their number. */
const THREADS = 4;

/** How many errors an answer of the program tells that was right, and came from there, from here, or from nobody (EIO). */
function errorsIn(answer: string, from: 'there' | 'here' | 'EIO'): number {
  const [, count] = new RegExp(`^${from}, wrong answers: 0, EIO: (\\d+)$`).exec(answer) ?? [];
  expect(count, answer).to.not.equal(undefined);
  return Number(count);
}

const rows = [
  { title: 'ptrace', flags: ['--engine', 'ptrace'], works: () => true },
  {
    title: `ebpf and calls that only look (what it needs: ${needsOf.hybrid})`,
    flags: ['--engine', 'ebpf', '--syscalls', 'stat,newfstatat'],
    works: () => worksHere('hybrid'),
  },
];

for (const { title, flags, works } of rows) {
  describe(`a busy process that rsc has attached loses its server, with the engine ${title}`, function () {
    this.timeout(240_000);
    let sides: TwoSides;

    beforeEach(() => (sides = new TwoSides()));
    afterEach(() => sides.clear());

    it(`has EIO when server or executor are killed, ${LOSSES} times, and is let go`, async function () {
      if (!works()) this.skip();
      const chance = new Chance(seed);
      const target = sides.startBusy(guest('looks'), sides.folder, 'EIO');
      await target.hears('under way');
      let errors = 0;
      for (let round = 0; round < LOSSES; round++) {
        const server = await startServer(sides.root);
        const rsc = sides.rsc('--server', server.url, '--pid', String(target.pid), ...flags);
        await rsc.hears('attached');
        for (let answers = 1 + chance.below(ANSWERS); answers > 0; answers--)
          expect(errorsIn(await target.answer('?'), 'there') - errors).to.be.within(0, THREADS);
        if (chance.happens(50)) await server.kill();
        else process.kill(chance.of(descendantsOf(server.pid)), 'SIGKILL');
        await rsc.hears('remote calls answer EIO from now on');
        errorsIn(await target.answer('?'), 'EIO');
        await sides.detach(rsc);
        errors = errorsIn(await target.answer('?'), 'here');
        expect(stoppedThreads(target.pid)).to.deep.equal([]);
        expect(statusField(target.pid, 'TracerPid')).to.equal('0');
        await server.stop();
      }
      expect(errors).to.be.above(0);
    });
  });
}
