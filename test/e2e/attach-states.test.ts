import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { statusField, TwoSides } from './attaching';
import { guest } from './places';

const ROUNDS = 100;

describe('rsc attach takes a process in any state', function () {
  this.timeout(300_000);
  let sides: TwoSides;

  beforeEach(() => (sides = new TwoSides()));
  afterEach(() => sides.clear());

  it("stopped: it stays stopped, and its calls are the server's when it goes on", async () => {
    const target = sides.python('for _ in sys.stdin: print(open(where).read().strip())');
    expect(await target.answer('?')).to.equal('here');
    target.signal('SIGSTOP');
    const rsc = await sides.attach(target.pid);
    target.say('?');
    target.signal('SIGCONT');
    expect(await target.hears('')).to.equal('there');
    target.signal('SIGSTOP');
    await sides.detach(rsc);
    expect(statusField(target.pid, 'State')).to.equal('T (stopped)');
    target.say('?');
    target.signal('SIGCONT');
    expect(await target.hears('')).to.equal('here');
  });

  it('in a handler of a signal', async () => {
    const target = sides.python(
      'import signal',
      'def handle(*_):',
      '  print("handling")',
      '  for _ in range(2): sys.stdin.readline(); print(open(where).read().strip())',
      'signal.signal(signal.SIGUSR1, handle)',
      'os.kill(os.getpid(), signal.SIGUSR1)',
      'for _ in sys.stdin: print("after:", open(where).read().strip())',
    );
    await target.hears('handling');
    const rsc = await sides.attach(target.pid);
    expect(await target.answer('?')).to.equal('there');
    expect(await target.answer('?')).to.equal('there');
    expect(await target.answer('?')).to.equal('after: there');
    await sides.detach(rsc);
    expect(await target.answer('?')).to.equal('after: here');
  });

  it('held up by a child of vfork, which is not its, and let go while another holds it up', async () => {
    const target = sides.start(guest('vforked'), sides.folder);
    await target.hears('about to vfork');
    const rsc = await sides.attaching(target.pid);
    target.say('go');
    await rsc.hears('attached');
    expect(await target.hears('child')).to.equal('child: here');
    await target.hears('parent');
    expect(await target.answer('?')).to.equal('parent: there');
    await sides.detach(rsc);
    expect(await target.answer('?')).to.equal('parent: here');
  });

  it('waiting for the server: a read of a remote FIFO goes on waiting until there is something', async () => {
    execFileSync('mkfifo', [sides.there('queue')]);
    const target = sides.python(
      'sys.stdin.readline()',
      'queue = os.open(folder + "/queue", os.O_RDWR)',
      'print("waits")',
      'print(os.read(queue, 9))',
    );
    const rsc = await sides.attach(target.pid);
    expect(await target.answer('go')).to.equal('waits');
    rsc.signal('SIGINT');
    await rsc.hears('it is a FIFO');
    await rsc.hears('SIGQUIT');
    execFileSync('/bin/sh', ['-c', `printf word > ${sides.there('queue')}`]);
    expect(await target.hears('')).to.equal("b'word'");
    expect(await target.ended()).to.equal(0);
    expect(await rsc.ended()).to.equal(0);
  });

  it(`busy, ${ROUNDS} times: it gets no wrong answer, and nothing is left in it`, async () => {
    const target = sides.startBusy(guest('busy'), sides.folder);
    await target.hears('under way');
    const before = traces(target.pid);
    const maps = anonymousMaps(target.pid);
    for (let round = 0; round < ROUNDS; round++) await sides.detach(await sides.attach(target.pid));
    expect(traces(target.pid)).to.deep.equal(before);
    expect(anonymousMaps(target.pid)).to.be.below(maps + ROUNDS / 10);
    target.signal('SIGTERM');
    expect(await target.ended()).to.equal(0);
    expect(target.lines.slice(1)).to.deep.equal([
      'wrong answers: 0',
      'seen here: 1, seen there: 1, signals: 1',
    ]);
  });
});

/** A few come and go as the process works: posix_spawn(3) has one for its child. */
function anonymousMaps(pid: number): number {
  const maps = readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n');
  return maps.filter((line) => / rw.p 00000000 00:00 0 *$/.test(line)).length;
}

/** What else an attachment could leave in a process. Files come and go as it works. */
function traces(pid: number): Record<string, unknown> {
  return {
    threads: readdirSync(`/proc/${pid}/task`).length,
    tracer: statusField(pid, 'TracerPid'),
    filters: statusField(pid, 'Seccomp'),
    blocked: statusField(pid, 'SigBlk'),
    caught: statusField(pid, 'SigCgt'),
  };
}
