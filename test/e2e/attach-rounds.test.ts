import { expect } from 'chai';
import { readdirSync, readlinkSync } from 'node:fs';
import { statusField, TwoSides } from './attaching';
import { cureForHeld, gone, heldBy } from './claims/held';
import { guest } from './places';

const ROUNDS = 40;
const harmless = ['--engine', 'ebpf', '--syscalls', 'stat,newfstatat'];

const missing = cureForHeld();

/** What is open in a process, but for what `looks` opens and closes all the time. */
function descriptors(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`)
    .map((fd) => `${fd} ${linkOf(`/proc/${pid}/fd/${fd}`) ?? '/dev/zero'}`)
    .filter((line) => !line.endsWith(' /dev/zero'));
}

/** Undefined of a descriptor that has been closed meanwhile. */
function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** What an attachment could leave in a process. */
function traces(pid: number): Record<string, unknown> {
  return {
    descriptors: descriptors(pid),
    threads: readdirSync(`/proc/${pid}/task`).length,
    tracer: statusField(pid, 'TracerPid'),
    filters: statusField(pid, 'Seccomp'),
    blocked: statusField(pid, 'SigBlk'),
    caught: statusField(pid, 'SigCgt'),
  };
}

describe('rsc attach with the engine ebpf, again and again', function () {
  this.timeout(300_000);
  let sides: TwoSides;

  beforeEach(() => (sides = new TwoSides()));
  afterEach(() => sides.clear());

  const title = `leaves nothing of itself in a busy process or in the kernel, in ${ROUNDS} rounds`;
  if (missing !== undefined) {
    it(`${title} - to have this tested: ${missing}`);
    return;
  }

  it(title, async () => {
    const target = sides.start(guest('looks'), sides.folder);
    await target.hears('under way');
    const before = traces(target.pid);
    const answers = new Set<string>();
    const held: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const rsc = await sides.attach(target.pid, ...harmless);
      answers.add(await target.answer('?'));
      held.push(...heldBy(rsc.pid));
      await sides.detach(rsc);
      answers.add(await target.answer('?'));
      expect(traces(target.pid), `after round ${round}`).to.deep.equal(before);
    }

    expect([...answers].sort()).to.deep.equal(['here, wrong answers: 0', 'there, wrong answers: 0']);
    for (const kind of ['prog', 'link'])
      expect(held.filter((each) => each.startsWith(kind))).to.have.length(ROUNDS);
    await gone(held);
  });
});
