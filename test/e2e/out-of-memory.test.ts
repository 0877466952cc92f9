import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { plainEnv } from './ending';
import { MemoryCgroup } from './memory-cgroup';
import { guest } from './places';
import { makeRoot, type Root } from './root';
import { embeddedCommand } from './rsc';
import { Told } from './told';

const ROUNDS = 10;
const MEBIBYTE = 1 << 20;

function start(command: readonly string[]): ChildProcess {
  const [program = '', ...args] = command;
  return spawn(program, args, { env: plainEnv, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
}

describe('rsc that the kernel kills, as memory is short (what it needs: root, and a memory cgroup)', function () {
  this.timeout(120_000);
  let root: Root;
  let cgroup: MemoryCgroup | undefined;

  before(function () {
    cgroup = MemoryCgroup.make();
    if (cgroup === undefined) this.skip();
  });
  after(() => cgroup?.remove());
  beforeEach(() => (root = makeRoot()));
  afterEach(() => root.remove());

  /** The kernel kills the largest process: that is rsc. Resolves when its program and the one that takes memory have ended. */
  async function runOutOfMemory(cgroup: MemoryCgroup, socket: string): Promise<void> {
    cgroup.limit(1024 * MEBIBYTE);
    const rsc = start(cgroup.within(embeddedCommand(root.path, [guest('killed'), socket, '50'])));
    const closed = once(rsc, 'close');
    if (rsc.stdout) await once(rsc.stdout, 'data');
    cgroup.limit(cgroup.usage + MEBIBYTE);
    const taker = start(cgroup.within(['/usr/bin/python3', '-c', `bytearray(${16 * MEBIBYTE})`]));
    const ended = once(taker, 'close');
    expect(await closed).to.deep.equal([null, 'SIGKILL']);
    await ended;
  }

  it('takes its program with it, which gets no wrong answer', async () => {
    if (cgroup === undefined) throw new Error('there is no cgroup');
    const socket = join(root.path, 'tmp/told');
    const told = await Told.at(socket);
    for (let round = 0; round < ROUNDS; round++) await runOutOfMemory(cgroup, socket);
    expect(await told.end()).to.deep.equal([]);
  });
});
