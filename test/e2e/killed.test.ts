import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plainEnv } from './ending';
import { guest, isInVm } from './places';
import { Chance } from './property/chance';
import { makeRoot, type Root } from './root';
import { embeddedCommand, rscIn } from './rsc';
import { Told } from './told';

/**
 * A program is ended at a moment that is counted by its own answers, and follows from a seed: again with RSC_SEED=1234.
 */
const seed = Number(process.env['RSC_SEED'] ?? 1);
const ROUNDS = isInVm ? 4 : 20;
/** A round ends within so many answers. */
const ANSWERS = 300;

const looking = ['--syscalls', 'access,faccessat,faccessat2'];

/** What has an effect here is left to engines that keep it from that. */
const rows: readonly { engine: string; title: string; flags: readonly string[]; makes: boolean }[] = [
  ...['auto', 'seccomp', 'ptrace', 'hybrid', 'ebpf'].map((engine) => ({
    engine,
    title: `the engine ${engine}`,
    flags: [],
    makes: true,
  })),
  { engine: 'ebpf', title: 'the engine ebpf and calls that only look', flags: looking, makes: false },
];

for (const { engine, title, flags, makes } of rows) {
  const isPending = engine === 'hybrid' || engine === 'ebpf';
  const needs = isPending ? ' (needs somebody who holds the eBPF programs until the tracees have ended)' : '';
  describe(`rsc that is killed, with ${title}${needs}`, function () {
    this.timeout(120_000);
    let root: Root;
    let folder: string;

    before(function () {
      // The kernel detaches the programs of a killed tracer before it kills the tracees (decision 15).
      if (isPending) this.skip();
    });
    beforeEach(() => {
      root = makeRoot();
      folder = mkdtempSync(join(tmpdir(), 'rsc-killed-'));
      mkdirSync(join(root.path, folder), { recursive: true });
    });
    afterEach(() => {
      root.remove();
      rmSync(folder, { recursive: true });
    });

    /** Kills rsc once its program has had so many answers; resolves when the program has ended too. */
    async function killAfter(answers: number, socket: string): Promise<void> {
      const program = [guest('killed'), socket, String(answers), ...(makes ? [folder] : [])];
      const [node = '', ...args] = embeddedCommand(root.path, program, ['--engine', engine, ...flags]);
      const child = spawn(node, args, { env: plainEnv, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
      const closed = once(child, 'close');
      const deadline = setTimeout(() => child.kill('SIGKILL'), 30_000);
      const [said] = (await once(child.stdout, 'data')) as [Buffer];
      process.kill(rscIn(child.pid ?? 0), 'SIGKILL');
      // The program holds the pipe too, so this is its end as well.
      await closed;
      clearTimeout(deadline);
      expect(said.toString()).to.equal('reached\n');
    }

    it('takes its program with it, which gets no wrong answer and does nothing here', async () => {
      const listener = await Told.at(join(root.path, 'tmp/told'));
      const changed = (): bigint => statSync(folder, { bigint: true }).mtimeNs;
      const before = changed();
      const chance = new Chance(seed);
      for (let round = 0; round < ROUNDS; round++) await killAfter(1 + chance.below(ANSWERS), listener.path);
      expect(await listener.end()).to.deep.equal([]);
      // A directory that was made and removed would have changed it too.
      expect([readdirSync(folder), changed()]).to.deep.equal([[], before]);
    });
  });
}
