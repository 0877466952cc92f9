import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { run } from './ending';
import { statusField, TwoSides } from './attaching';
import { rscProgram } from './places';

const NOBODY = 65534;
const ROUNDS = 30;

describe('rsc attach refuses, with one clear error,', function () {
  this.timeout(60_000);
  let sides: TwoSides;

  beforeEach(() => (sides = new TwoSides()));
  afterEach(() => sides.clear());

  async function refusal(pid: string | number, uid?: number): Promise<string[]> {
    const command = [process.execPath, rscProgram, 'attach', '--embedded', sides.root, '--pid', String(pid)];
    const { stdout, stderr, status } = await run(command, uid === undefined ? {} : { uid });
    return [...stdout.split('\n'), ...stderr.split('\n'), `status ${status}`].filter((line) => line !== '');
  }

  it('a process that does not exist', async () => {
    expect(await refusal(4_194_303)).to.deep.equal([
      'rsc: cannot attach to process 4194303: there is no such process',
      '  try: see which processes there are: ps -e',
      'status 125',
    ]);
  });

  for (const word of ['0', '-1', 'init', '1.5', '99999999999']) {
    it(`what is no process id: ${word}`, async () => {
      const lines = await refusal(word);
      expect(lines.at(-1)).to.equal('status 2');
      expect(lines[0]).to.include('rsc: ');
    });
  }

  it('a time that is none', async () => {
    const { stderr, status } = await run([
      ...[process.execPath, rscProgram, 'attach', '--embedded', sides.root],
      ...['--pid', '1', '--detach-after', 'soon'],
    ]);
    expect(stderr).to.include('"soon" is not a time');
    expect(status).to.equal(2);
  });

  it('a process of somebody else', async () => {
    const target = sides.python('print("ready")', 'sys.stdin.read()');
    await target.hears('ready');
    const lines = await refusal(target.pid, NOBODY);
    expect(lines[0]).to.equal(`rsc: cannot attach to process ${target.pid}: this user may not trace it`);
    expect(lines.at(-1)).to.equal('status 125');
  });

  it('a process that is traced already', async () => {
    const target = sides.python('print("ready")', 'sys.stdin.read()');
    await target.hears('ready');
    await sides.attach(target.pid);
    const tracer = statusField(target.pid, 'TracerPid');
    expect((await refusal(target.pid))[0]).to.equal(
      `rsc: cannot attach to process ${target.pid}: process ${tracer} traces it already`,
    );
  });

  it('a thread', async () => {
    const target = sides.python(
      'import threading',
      'threading.Thread(target=sys.stdin.read).start()',
      'print("ready")',
    );
    await target.hears('ready');
    const thread = readdirSync(`/proc/${target.pid}/task`).find((tid) => tid !== String(target.pid));
    expect(await refusal(thread ?? '')).to.deep.equal([
      `rsc: cannot attach to process ${thread}: it is a thread of process ${target.pid}`,
      `  try: rsc attach --pid ${target.pid}`,
      'status 125',
    ]);
  });

  it('a process that has ended, and whose parent has not looked', async () => {
    const target = sides.python(
      'child = os.fork()',
      'if child == 0: os._exit(0)',
      'os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)',
      'print(child)',
      'sys.stdin.read()',
    );
    const child = await target.hears('');
    expect((await refusal(child))[0]).to.equal(`rsc: cannot attach to process ${child}: it has ended`);
  });

  it('a kernel thread', async function () {
    const kernelThread = readdirSync('/proc').find(
      (name) => /^\d+$/.test(name) && isKernelThread(Number(name)),
    );
    if (kernelThread === undefined) return void this.skip();
    expect((await refusal(kernelThread))[0]).to.match(/: it is the kernel thread \S+/);
  });

  it(`a process that ends meanwhile, ${ROUNDS} times at another moment`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const target = sides.python('print("ready")', 'sys.stdin.read()');
      await target.hears('ready');
      const ending = refusal(target.pid);
      for (let turn = 0; turn < round * 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      target.signal('SIGKILL');
      expect((await ending).at(-1)).to.match(/^status (125|137)$/);
    }
  });
});

/** Older kernels, 6.1 for one, do not say so; there it is what has no memory, and has not ended. */
function isKernelThread(pid: number): boolean {
  const said = statusField(pid, 'Kthread');
  if (said !== '') return said === '1';
  return statusField(pid, 'VmSize') === '' && !statusField(pid, 'State').startsWith('Z');
}
