import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cureFor } from './claims/claiming';
import { plainEnv } from './ending';
import { needsOf, worksHere } from './engines';
import { guest, isInVm } from './places';
import { Chance, seed } from './property/chance';
import { makeRoot, type Root } from './root';
import { embeddedCommand, rscIn } from './rsc';
import { Told } from './told';

const ROUNDS = isInVm ? 4 : 20;
/** Of a round. In a VM the processor is emulated. */
const DEADLINE_MS = isInVm ? 100_000 : 30_000;
/** A round ends at a moment that follows from the seed, and is counted by answers of the program: within so many. */
const ANSWERS = 300;

const looking = ['--syscalls', 'access,faccessat,faccessat2'];

/** What has an effect here is left to engines that keep it from that. */
const rows: readonly { engine: string; title: string; flags: readonly string[]; makes: boolean }[] = [
  ...['auto', 'seccomp', 'ptrace', 'hybrid'].map((engine) => ({
    engine,
    title: `the engine ${engine}`,
    flags: [],
    makes: true,
  })),
  { engine: 'ebpf', title: `the engine ebpf (what it needs: ${needsOf.ebpf})`, flags: [], makes: true },
  { engine: 'ebpf', title: 'the engine ebpf and calls that only look', flags: looking, makes: false },
];

for (const { engine, title, flags, makes } of rows) {
  describe(`rsc that is killed, with ${title}`, function () {
    this.timeout(ROUNDS * DEADLINE_MS);
    let root: Root;
    let folder: string;

    before(function () {
      if (makes ? !worksHere(engine) : cureFor([]) !== undefined) this.skip();
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

    /**
     * Kills rsc once its program has had so many answers, alone or with its process group, of which the program is none; resolves
     * when the program has ended too.
     */
    async function killAfter(answers: number, socket: string, withGroup: boolean): Promise<void> {
      const asks = [guest('killed'), socket, String(answers), ...(makes ? [folder] : [])];
      const program = ['/usr/bin/setsid', ...asks];
      const [node = '', ...args] = embeddedCommand(root.path, program, ['--engine', engine, ...flags]);
      const stdio = ['ignore', 'pipe', 'inherit'] as const;
      const child = spawn(node, args, { env: plainEnv, cwd: '/', stdio: [...stdio], detached: true });
      const closed = once(child, 'close');
      const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
      const [said] = (await Promise.race([once(child.stdout, 'data'), closed])) as unknown[];
      expect(String(said)).to.equal('reached\n');
      const rsc = rscIn(child.pid ?? 0);
      process.kill(withGroup && rsc === child.pid ? -rsc : rsc, 'SIGKILL');
      // The program holds the pipe too, so this is its end as well.
      await closed;
      clearTimeout(deadline);
    }

    it('takes its program with it, which gets no wrong answer and does nothing here', async () => {
      const listener = await Told.at(join(root.path, 'tmp/told'));
      const changed = (): bigint => statSync(folder, { bigint: true }).mtimeNs;
      const before = changed();
      const chance = new Chance(seed);
      for (let round = 0; round < ROUNDS; round++)
        await killAfter(1 + chance.below(ANSWERS), listener.path, round % 2 === 1);
      expect(await listener.end()).to.deep.equal([]);
      // A directory that was made and removed would have changed it too.
      expect([readdirSync(folder), changed()]).to.deep.equal([[], before]);
    });
  });
}
