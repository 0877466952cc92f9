import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { GroupFlag } from '@rsc/core/tracer/claim-layout';
import { TwoSides } from './attaching';
import { tracing } from './claims/claiming';
import { cureForHeld, gone, heldBy } from './claims/held';
import { guest } from './places';
import { rscRun } from './rsc';
import { descendantsOf, killIfThere } from './server';
import type { Talk } from './talk';

const needs = '(what it needs: root, eBPF, and bpftool)';
const harmless = ['--engine', 'ebpf', '--syscalls', 'stat,newfstatat'];
const there = 'there, wrong answers: 0';

function linksOf(pid: number): string[] {
  return heldBy(pid).filter((each) => each.startsWith('link'));
}

/** The process beside the tracer `pid` that holds the same links. */
function keeperOf(pid: number): number {
  const links = linksOf(pid);
  const keepers = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && nameOf(name) === 'rsc-keeper')
    .map(Number)
    .filter((each) => linksOf(each).some((link) => links.includes(link)));
  expect(keepers).to.have.length(1);
  return keepers[0] ?? 0;
}

/** Undefined of a process that has ended. */
function nameOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trimEnd();
  } catch (error) {
    if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return undefined;
  }
}

function exist(links: readonly string[]): boolean[] {
  return links.map((link) => spawnSync('bpftool', link.split(' ')).status === 0);
}

describe(`the keeper of eBPF programs ${needs}`, function () {
  this.timeout(120_000);
  let sides: TwoSides;
  const stopped: number[] = [];

  before(function () {
    if (cureForHeld() !== undefined) this.skip();
  });
  beforeEach(() => (sides = new TwoSides()));
  afterEach(async () => {
    for (const pid of stopped.splice(0)) killIfThere(pid);
    await sides.clear();
  });

  /** A program that ends when the process does, whoever its parent is. */
  async function watch(pid: number): Promise<Talk> {
    const lines = ['import select', `handle = os.pidfd_open(${pid})`, 'print("watches")'];
    const watcher = sides.python(...lines, 'select.select([handle], [], [])');
    await watcher.hears('watches');
    return watcher;
  }

  async function run(): Promise<Talk> {
    const command = ['--embedded', sides.root, ...harmless, '--', guest('looks'), sides.folder];
    const rsc = sides.start(...rscRun(...command));
    await rsc.hears('under way');
    expect(await rsc.answer('?')).to.equal(there);
    return rsc;
  }

  it('has what rsc has of the programs, and nothing of the user', async () => {
    const rsc = await run();
    const keeper = keeperOf(rsc.pid);

    const links = linksOf(rsc.pid);
    expect(linksOf(keeper)).to.deep.equal(links);
    const open = readdirSync(`/proc/${keeper}/fd`).map((fd) => readlinkSync(`/proc/${keeper}/fd/${fd}`));
    const kinds = open.map((path) => path.split(':')[0]).sort();
    // The links, rsc itself as a pidfd, and its socket.
    expect(kinds).to.deep.equal([...links, 'pidfd'].map(() => 'anon_inode').concat('socket'));
    expect(readlinkSync(`/proc/${keeper}/cwd`)).to.equal('/');
  });

  it('has ended, and the programs are gone, when rsc has let a process go', async () => {
    const target = sides.start(guest('looks'), sides.folder);
    await target.hears('under way');
    const rsc = await sides.attach(target.pid, ...harmless);
    const held = heldBy(rsc.pid);
    const watcher = await watch(keeperOf(rsc.pid));
    await sides.detach(rsc);

    expect(exist(held.filter((each) => each.startsWith('link'))))
      .to.include(false)
      .and.not.include(true);
    expect(await watcher.ended()).to.equal(0);
    await gone(held);
  });

  it('ends with the program of rsc that is killed', async () => {
    const rsc = await run();
    const held = heldBy(rsc.pid);
    const watcher = await watch(keeperOf(rsc.pid));
    rsc.signal('SIGKILL');

    expect(await watcher.ended()).to.equal(0);
    await gone(held);
  });

  it('changes nothing when it is killed', async () => {
    const target = sides.start(guest('looks'), sides.folder);
    await target.hears('under way');
    const rsc = await sides.attach(target.pid, ...harmless);
    const held = heldBy(rsc.pid);
    const keeper = keeperOf(rsc.pid);
    const watcher = await watch(keeper);
    process.kill(keeper, 'SIGKILL');
    await watcher.ended();

    expect(await target.answer('?')).to.equal(there);
    await sides.detach(rsc);
    expect(await target.answer('?')).to.equal('here, wrong answers: 0');
    await gone(held);
  });

  it('is not ended by what ends the processes of a terminal', async () => {
    const rsc = await run();
    const keeper = keeperOf(rsc.pid);
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGTSTP'] as const)
      process.kill(keeper, signal);

    expect(keeperOf(rsc.pid)).to.equal(keeper);
    const watcher = await watch(keeper);
    rsc.signal('SIGKILL');
    expect(await watcher.ended()).to.equal(0);
  });

  /** A tracer that is in the midst of a claim, and whose program stays there when it is killed, stopped. */
  async function hanging(flags: number): Promise<{ tracer: Talk; program: number }> {
    const scenario = {
      generations: [{ rules: { getuid: {} } }],
      calls: ['getuid'],
      turns: ['hang'],
      survives: true,
      flags,
    } as const;
    const tracer = sides.start(...tracing(scenario));
    await tracer.hears('hangs');
    const [program = 0] = descendantsOf(tracer.pid);
    process.kill(program, 'SIGSTOP');
    stopped.push(program);
    return { tracer, program };
  }

  for (const [then, end] of [
    ['the programs until a process that ends with its tracer has ended', true],
    ['them for some seconds at most', false],
  ] as const)
    it(`holds ${then}`, async () => {
      const { tracer, program } = await hanging(GroupFlag.claim | GroupFlag.endsWithTracer);
      const links = linksOf(tracer.pid);
      const watcher = await watch(keeperOf(tracer.pid));
      const killed = await watch(tracer.pid);
      tracer.signal('SIGKILL');
      await killed.ended();
      expect(exist(links)).to.include(true).and.not.include(false);
      if (end) process.kill(program, 'SIGKILL');

      expect(await watcher.ended()).to.equal(0);
      expect(exist(links)).to.include(false).and.not.include(true);
    });

  it('does not wait for a process that goes on without its tracer', async () => {
    const { tracer } = await hanging(GroupFlag.claim);
    const links = linksOf(tracer.pid);
    const watcher = await watch(keeperOf(tracer.pid));
    tracer.signal('SIGKILL');

    expect(await watcher.ended()).to.equal(0);
    expect(exist(links)).to.include(false).and.not.include(true);
  });
});
