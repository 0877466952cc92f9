import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { release } from 'node:os';
import { errno } from '@rsc/core/abi/errno';
import { claimsSurely } from '@rsc/core/tracer/choice';
import { GroupFlag, RuleFlag, RuleKind, Side, SLOT_COUNT } from '@rsc/core/tracer/claim-layout';
import { claim, cureFor } from './claims/claiming';
import { guest } from './places';
import { ANSWER, type Generation, type RuleWords } from './claims/scenario';

const missing = cureFor([]);

function test(title: string, body: () => Promise<void>): Mocha.Test {
  if (missing === undefined) return it(title, body);
  return it(`${title} - to have this tested: ${missing}`);
}

const AT_FDCWD = -100;
const MAP_ANONYMOUS = 0x20;
const always: RuleWords = {};
const byDescriptor: RuleWords = { kind: RuleKind.ifArguments, descriptors: [0] };
const byPath: RuleWords = { kind: RuleKind.ifArguments, directories: [0], paths: [1] };

/** A call that looks whether a path exists, by a number that says which side was asked. */
const look = (path: string): string => `faccessat,${AT_FDCWD},s:${path},0`;
const isClaimed = (result: number): boolean => result === ANSWER;

describe('a call that is claimed', function () {
  this.timeout(30_000);

  test('has the result that the tracer gives it, and others pass', async () => {
    const seen = await claim({
      generations: [{ rules: { getppid: always } }],
      calls: ['getppid', 'getuid', 'getppid', 'getgid'],
    });

    expect(seen.results).to.deep.equal([ANSWER, 0, ANSWER, 0]);
    expect(seen.claims.map(({ call, signal }) => [call, signal])).to.deep.equal([
      ['getppid', 'SIGWINCH'],
      ['getppid', 'SIGWINCH'],
    ]);
    expect(seen.counters).to.deep.equal({
      claimed: 2,
      passed: 1,
      escapes: 0,
      lost: 0,
      dropped: 0,
      unseen: 0,
    });
    expect(seen.events).to.deep.equal([]);
  });

  const dd = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=1'];
  const others = [
    { what: 'four other programs make calls', command: dd, counted: { unseen: 0 }, most: 0 },
    // Where there are two looks at a call, each may be left out now and then, and both seldom: of one look nearly all are.
    {
      what: 'four other programs write eBPF maps',
      command: [guest('busy-map')],
      counted: {},
      most: claimsSurely(release()) ? 0 : 6,
    },
  ];
  for (const { what, command, counted, most } of others) {
    test(`is none the less one while ${what}`, async () => {
      const calls = Array.from({ length: 200 }, () => 'getppid');
      const [program = '', ...args] = command;
      const busy = Array.from({ length: 4 }, () => spawn(program, args));
      try {
        const { results, counters } = await claim({ generations: [{ rules: { getppid: always } }], calls });

        const missed = results.filter((result) => result !== ANSWER).length;
        expect(missed).to.be.at.most(Math.min(most, counters['unseen'] ?? 0));
        expect(counters).to.include({ claimed: calls.length - missed, escapes: 0, lost: 0, ...counted });
        expect(busy.map(({ exitCode }) => exitCode)).to.deep.equal(busy.map(() => null));
      } finally {
        for (const each of busy) each.kill('SIGKILL');
      }
    }).timeout(60_000);
  }

  test('is one in a child and in a thread as well', async () => {
    const generations: Generation[] = [{ rules: { getppid: always } }];
    const ofChild = await claim({ generations, calls: ['fork', 'getppid'] });
    const ofThread = await claim({ generations, calls: ['thread', 'getppid'] });

    expect([ofChild.results, ofThread.results]).to.deep.equal([[ANSWER], [ANSWER]]);
  });

  test('is one on a remote descriptor, and none on a local or a negative one', async () => {
    const seen = await claim({
      generations: [{ rules: { lseek: byDescriptor } }],
      remote: [63, 64, 1023, 5000],
      calls: [63, 64, 1023, 5000, 1024, 62, 65, 0, -1, 0x1_0000_0040].map((fd) => `lseek,${fd},0,9`),
    });

    expect(seen.results.map(isClaimed)).to.deep.equal([
      true,
      true,
      true,
      true, // those above 1023 are taken for remote as long as there are remote ones
      true,
      false,
      false,
      false,
      false,
      true, // the kernel takes an int: 64
    ]);
  });

  test('is none above 1023 where nothing is remote', async () => {
    const seen = await claim({
      generations: [{ rules: { lseek: byDescriptor } }],
      calls: ['lseek,5000,0,9'],
    });

    expect(seen.results).to.deep.equal([-errno.EBADF]);
  });

  test('is one on every descriptor where the process has no slot', async () => {
    const seen = await claim({
      generations: [{ rules: { lseek: byDescriptor } }],
      slot: SLOT_COUNT,
      calls: ['lseek,40,0,9', 'lseek,-1,0,9'],
    });

    expect(seen.results).to.deep.equal([ANSWER, -errno.EBADF]);
  });

  test('is one where anything is remote, if its rule says so', async () => {
    const generations: Generation[] = [{ rules: { poll: { kind: RuleKind.ifAnyRemote } } }];
    const calls = ['poll,0,0,0'];

    expect([
      (await claim({ generations, calls, remote: [40] })).results,
      (await claim({ generations, calls, remote: [4000] })).results,
      (await claim({ generations, calls })).results,
    ]).to.deep.equal([[ANSWER], [ANSWER], [0]]);
  });

  test('is none where an argument has a bit that its rule names', async () => {
    const seen = await claim({
      generations: [
        {
          rules: {
            mmap: { ...byDescriptor, descriptors: [4], unlessArgument: 3, unlessBits: MAP_ANONYMOUS },
          },
        },
      ],
      remote: [40],
      calls: ['mmap,0,4096,1,0x02,40,0', 'munmap,0,0', 'mmap,1,4096,1,0x22,40,0', 'mmap,0,4096,1,0x02,41,0'],
    });

    expect(isClaimed(seen.results[0] ?? 0)).to.equal(true);
    expect(seen.results[2]).to.be.greaterThan(4095);
    expect(seen.results[3]).to.equal(-errno.EBADF);
  });

  const prefixes = {
    '': Side.remote,
    '/usr': Side.local,
    '/usr/share/rsc': Side.remote,
    '/srv/a/local': Side.local,
    '/srv/maybe': Side.unsure,
  };
  const paths: readonly [path: string, isClaimed: boolean][] = [
    ['/usr', false],
    ['/usr/', false],
    ['/usr/none', false],
    ['/usr/none/', false],
    ['/usr/..none/.none', false],
    ['/usrx', true],
    ['/us', true],
    ['/', true],
    ['/data', true],
    ['/usr/share/rsc', true],
    ['/usr/share/rsc/x', true],
    ['/usr/share/rscx', false],
    ['/srv/a/local/x', false],
    ['/srv/a/localx', true],
    ['/srv/maybe/x', true],
    ['/usr/../data', true],
    ['/usr/..', true],
    ['/usr/./none', true],
    ['/usr/.', true],
    ['//usr', true],
    ['/usr//none', true],
    ['usr/none', true],
    ['./usr', true],
    ['', true],
    [`/usr/${'n'.repeat(240)}`, false],
    [`/usr/${'n'.repeat(200)}/${'n'.repeat(200)}`, false],
    [`/usr/${'n'.repeat(200)}/${'n'.repeat(200)}/../x`, true],
    [`/usr/${'n'.repeat(4089)}`, false],
    [`/usr/${'n'.repeat(4090)}`, true],
    [`/data/${'n'.repeat(400)}`, true],
  ];

  test('is one as the longest prefix of its path says, and where that cannot be told', async () => {
    const seen = await claim({
      generations: [{ rules: { faccessat: byPath }, prefixes }],
      calls: paths.map(([path]) => look(path)),
    });

    expect(paths.map(([path], index) => [path, isClaimed(seen.results[index] ?? 0)])).to.deep.equal(paths);
  });

  test('is one where its path cannot be read', async () => {
    const seen = await claim({
      generations: [{ rules: { faccessat: byPath }, prefixes: { '': Side.local } }],
      calls: [
        `faccessat,${AT_FDCWD},0,0`,
        `faccessat,${AT_FDCWD},16,0`,
        `faccessat,${AT_FDCWD},-1,0`,
        look('/none'),
      ],
    });

    expect(seen.results).to.deep.equal([ANSWER, ANSWER, ANSWER, -errno.ENOENT]);
  });

  test('is one where no prefix is known', async () => {
    const seen = await claim({ generations: [{ rules: { faccessat: byPath } }], calls: [look('/none')] });

    expect(seen.results).to.deep.equal([ANSWER]);
  });

  test('is one where either of its paths is remote', async () => {
    const rule: RuleWords = { kind: RuleKind.ifArguments, directories: [0, 2], paths: [1, 3] };
    const seen = await claim({
      generations: [{ rules: { renameat2: rule }, prefixes }],
      calls: [
        `renameat2,${AT_FDCWD},s:/usr/none,${AT_FDCWD},s:/usr/nothing,0`,
        `renameat2,${AT_FDCWD},s:/data,${AT_FDCWD},s:/usr/nothing,0`,
        `renameat2,${AT_FDCWD},s:/usr/none,${AT_FDCWD},s:/data,0`,
      ],
    });

    expect(seen.results).to.deep.equal([-errno.ENOENT, ANSWER, ANSWER]);
  });

  test('is one with an empty path as the descriptor says, if its rule says so', async () => {
    const rule: RuleWords = { ...byPath, flags: RuleFlag.emptyIsDescriptor };
    const AT_EMPTY_PATH = 0x1000;
    const seen = await claim({
      generations: [{ rules: { newfstatat: rule }, prefixes: { '': Side.local } }],
      remote: [40],
      calls: [40, 0, 41, AT_FDCWD].map((fd) => `newfstatat,${fd},s:,z:144,${AT_EMPTY_PATH}`),
    });

    expect(seen.results).to.deep.equal([ANSWER, 0, -errno.EBADF, ANSWER]);
  });

  test('passes once when the tracer lets it, and is claimed the next time', async () => {
    const seen = await claim({
      generations: [{ rules: { getppid: always, getuid: always } }],
      turns: ['pass', 'answer'],
      calls: ['getuid', 'getuid'],
    });

    expect(seen.results).to.deep.equal([0, ANSWER]);
    expect(seen.claims).to.have.length(2);
    expect(seen.counters).to.include({ claimed: 2, lost: 0, escapes: 0 });
  });

  test('is none when the thread makes it for the tracer', async () => {
    const seen = await claim({
      generations: [{ rules: { getuid: always } }],
      turns: ['local', 'answer'],
      calls: ['getuid', 'getuid'],
    });

    expect(seen.results).to.deep.equal([0, ANSWER]);
    expect(seen.counters).to.include({ claimed: 2, lost: 0, escapes: 0 });
  });

  const SIG_SETMASK = 2;
  const blocked = 'ffffffffffffffff';

  test('is told by SIGSTOP where the program blocks SIGWINCH', async () => {
    const mask = (hex: string): string => `rt_sigprocmask,${SIG_SETMASK},x:${hex},0,8`;
    const seen = await claim({
      generations: [{ rules: { getuid: always } }],
      calls: ['getuid', mask(blocked), 'getuid', mask('00'.repeat(8)), 'getuid'],
    });

    expect(seen.results).to.deep.equal([ANSWER, 0, ANSWER, 0, ANSWER]);
    expect(seen.claims.map(({ signal }) => signal)).to.deep.equal(['SIGWINCH', 'SIGSTOP', 'SIGWINCH']);
  });

  test('is told by SIGSTOP where it changes the mask itself', async () => {
    const seen = await claim({
      generations: [{ rules: { rt_sigsuspend: { flags: RuleFlag.changesMask } } }],
      calls: [`rt_sigsuspend,x:${blocked},8`],
    });

    expect(seen.results).to.deep.equal([ANSWER]);
    expect(seen.claims).to.deep.equal([{ call: 'rt_sigsuspend', signal: 'SIGSTOP', result: -514 }]);
  });

  test('is one always where its number is beyond the table', async () => {
    const seen = await claim({ generations: [{ rules: {} }], calls: ['511', '512', '1073741824'] });

    expect(seen.results).to.deep.equal([-errno.ENOSYS, ANSWER, ANSWER]);
  });

  test('is told by a trap where SIGCONT has taken its signal away', async () => {
    const SIGCONT = 18;
    const seen = await claim({
      generations: [{ rules: { kill: { flags: RuleFlag.changesMask } } }],
      calls: [`kill,0,${SIGCONT}`],
    });

    expect(seen.results).to.deep.equal([ANSWER]);
    expect(seen.claims).to.deep.equal([{ call: 'kill', signal: 'none', result: 0 }]);
    expect(seen.counters).to.include({ claimed: 1, lost: 0 });
  });

  test('is lost where the call takes its signal itself, and that is told', async () => {
    const SIGWINCH = 28;
    const seen = await claim({
      generations: [{ rules: { rt_sigtimedwait: always } }],
      calls: ['rt_sigtimedwait,x:0000000800000000,0,z:16,8', 'getuid'],
    });

    expect(seen.results).to.deep.equal([SIGWINCH, 0]);
    expect(seen.counters).to.include({ claimed: 1, lost: 1, escapes: 0, dropped: 0 });
    expect(seen.events).to.deep.equal([{ call: 'rt_sigtimedwait', kind: 'lost' }]);
    expect(seen.claims).to.deep.equal([]);
  });

  test('is one by the generation that counts', async () => {
    const seen = await claim({
      generations: [
        { rules: { getuid: always, faccessat: byPath }, prefixes: { '': Side.remote } },
        { rules: { getgid: always, faccessat: byPath }, prefixes: { '': Side.local, '/data': Side.remote } },
      ],
      turns: ['answer', 'flip', 'answer', 'flip', 'answer'],
      calls: [
        'getuid',
        look('/none'),
        'getuid',
        'getgid',
        look('/none'),
        look('/data'),
        'getuid',
        look('/none'),
      ],
    });

    expect(seen.results).to.deep.equal([ANSWER, ANSWER, 0, ANSWER, -errno.ENOENT, ANSWER, ANSWER, ANSWER]);
  });

  test('is none in a group that is only looked at, where those that are surely remote are escapes', async () => {
    const seen = await claim({
      generations: [{ rules: { lseek: byDescriptor, faccessat: byPath, getuid: always }, prefixes }],
      flags: GroupFlag.audit,
      remote: [40],
      calls: ['lseek,40,0,9', 'lseek,41,0,9', look('/data'), look('/usr/none'), look('relative'), 'getuid'],
    });

    expect(seen.results.some(isClaimed)).to.equal(false);
    expect(seen.counters).to.include({ claimed: 0, escapes: 2, dropped: 0 });
    expect(seen.events).to.deep.equal([
      { call: 'lseek', kind: 'escape' },
      { call: 'faccessat', kind: 'escape' },
    ]);
  });
});
