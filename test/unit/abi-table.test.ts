import { expect } from 'chai';
import { errno } from '@rsc/core/abi/errno';
import {
  entryOf,
  lastNumber,
  nameOf,
  nearestName,
  numberOf,
  rowFor,
  rowOf,
  rowsOf,
} from '@rsc/core/abi/lookup';
import { numbers, syscallNames, table } from '@rsc/core/abi/table';
import {
  call,
  closes,
  fd,
  outBytes,
  ownerOf,
  u64,
  zero,
  type Arg,
  type Fact,
  type PathAt,
  type Placement,
  type Row,
} from '@rsc/core/abi/vocabulary';

/** A name that a word of a row gives to an argument, and the kinds that this argument may be of. */
type Reference = readonly [name: string | undefined, kinds: readonly Arg['kind'][]];

const pathKinds: Arg['kind'][] = ['string'];
const lengthKinds: Arg['kind'][] = ['number'];

function inPath([dirfd, path]: PathAt): Reference[] {
  return [
    [dirfd, ['fd']],
    [path, pathKinds],
  ];
}

function inArg(arg: Arg): Reference[] {
  switch (arg.kind) {
    case 'bytes':
    case 'pointing':
      return [[arg.length, lengthKinds]];
    case 'iovec':
    case 'pollfds':
    case 'fdset':
      return [[arg.count, lengthKinds]];
    case 'ioctl':
      return [[arg.request, lengthKinds]];
    case 'number':
      return [arg.creating, arg.deviceOf].map((name) => [name, lengthKinds]);
    default:
      return [];
  }
}

function inPlacement(runs: Placement): Reference[] {
  switch (runs.kind) {
    case 'ownerOf':
      return [[runs.fd, ['fd']]];
    case 'ownersOf':
      return runs.fds.map((name) => [name, ['fd']]);
    case 'ownersIn':
      return runs.fds.map((name) => [name, ['fd', 'pollfds', 'fdset']]);
    case 'mapping':
      return [
        [runs.fd, ['fd']],
        [runs.flags, ['number']],
      ];
    case 'pathOf':
      return inPath(runs.at);
    case 'pathsOf':
      return [...inPath(runs.from), ...inPath(runs.to)];
    default:
      return [];
  }
}

function inFact(fact: Fact): Reference[] {
  switch (fact.kind) {
    case 'blocks':
      return [
        [fact.unlessRegular, ['fd']],
        ...(fact.unlessRegularPath ? inPath(fact.unlessRegularPath) : []),
      ];
    case 'timesOut':
      return [[fact.after, ['number', 'struct']]];
    case 'masksSignals':
      return [
        [fact.mask, ['addr']],
        [fact.size, ['number']],
      ];
    case 'closes':
      return [[fact.fd, ['fd']]];
    case 'closesRange':
      return [fact.first, fact.last, fact.flags].map((name) => [name, ['number']]);
    case 'entersDirectory':
      return [[fact.into, ['fd', 'string']]];
    case 'marksCloexec':
      return [
        [fact.fd, ['fd']],
        [typeof fact.to === 'string' ? fact.to : undefined, ['number']],
      ];
    case 'addsWatch':
      return [[fact.to, ['fd']]];
    case 'setsInterest':
      return [
        [fact.epoll, ['fd']],
        [fact.op, ['number']],
        [fact.fd, ['fd']],
        [fact.event, ['struct']],
      ];
    case 'collects':
      return [
        [fact.epoll, ['fd']],
        [fact.events, ['addr']],
        [fact.max, ['number']],
      ];
    case 'executes':
      return inPath(fact.at);
    case 'spawns':
      return [[fact.flags, ['number', 'bytes']]];
    case 'links':
      return [...inPath(fact.from), [fact.flags, ['number']]];
    case 'pumps':
      return [
        [fact.from, ['fd']],
        [fact.at, ['struct']],
        [fact.to, ['fd']],
        [fact.into, ['struct']],
        [fact.length, ['number']],
        [fact.flags, ['number']],
      ];
    case 'unmaps':
      return [
        [fact.addr, ['addr']],
        [fact.length, ['number']],
      ];
    case 'remaps':
      return [
        [fact.addr, ['addr']],
        [fact.length, ['number']],
        [fact.to, ['number']],
        [fact.flags, ['number']],
      ];
    case 'syncsMaps':
      return [
        [fact.addr, ['addr']],
        [fact.length, ['number']],
        [fact.flags, ['number']],
      ];
    case 'syncsFile':
      return [[fact.fd, ['fd']]];
    default:
      return [];
  }
}

function inSuccess({ success }: Row): Reference[] {
  switch (success.kind) {
    case 'count':
      return [[success.of, ['bytes', 'iovec', 'pointing']]];
    case 'newFd':
      return [[success.cloexec, ['number', 'bytes']]];
    case 'copyOf':
      return [
        [success.of, ['fd']],
        [success.at, ['fd']],
        [success.from, ['number']],
        [success.cloexec === true ? undefined : success.cloexec, ['number']],
      ];
    default:
      return [];
  }
}

function referencesOf(row: Row): Reference[] {
  return [
    ...Object.values(row.args).flatMap(inArg),
    ...inPlacement(row.runs),
    ...row.facts.flatMap(inFact),
    ...inSuccess(row),
  ];
}

describe('the syscall table', () => {
  for (const arch of ['x86_64', 'aarch64'] as const) {
    it(`has an entry for every number of ${arch}`, () => {
      const unanswered = Object.values(numbers[arch]).filter((number) => rowOf(arch, number) === undefined);
      expect(unanswered).to.deep.equal([]);
    });

    it(`gives every number of ${arch} one name`, () => {
      const back = Object.entries(numbers[arch]).filter(([name, number]) => nameOf(arch, number) !== name);
      expect(back).to.deep.equal([]);
    });
  }

  it('has no row that no kernel has', () => {
    const known: readonly string[] = Object.keys(numbers.x86_64);
    expect(syscallNames.filter((name) => !known.includes(name))).to.deep.equal([]);
  });

  it('names only arguments that exist and are of the right kind', () => {
    const wrong = syscallNames.flatMap((name) =>
      rowsOf(table[name]).flatMap((row) =>
        referencesOf(row).flatMap(([argument, kinds]) => {
          const kind = argument === undefined ? undefined : row.args[argument]?.kind;
          const isRight = argument === undefined || (kind !== undefined && kinds.includes(kind));
          return isRight ? [] : [`${name}: ${argument} is ${kind}, not ${kinds.join(' or ')}`];
        }),
      ),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('keeps every path argument that is not refused in its placement or its facts', () => {
    const lost = syscallNames.flatMap((name) =>
      rowsOf(table[name]).flatMap((row) => {
        const followed = [...inPlacement(row.runs), ...row.facts.flatMap(inFact)].map(
          ([argument]) => argument,
        );
        return row.names.flatMap((argument) => {
          const arg = row.args[argument];
          const isPath = arg?.kind === 'string' && arg.path && row.runs.kind !== 'refused';
          return isPath && !followed.includes(argument) ? [`${name}: ${argument}`] : [];
        });
      }),
    );
    expect(lost).to.deep.equal([]);
  });

  it('answers refused calls with an errno and a reason', () => {
    const refusals = syscallNames.flatMap((name) =>
      rowsOf(table[name]).flatMap(({ runs, facts }) =>
        [runs, ...facts].flatMap((word) =>
          word.kind === 'refused' || word.kind === 'remoteUnsupported' ? [word] : [],
        ),
      ),
    );
    expect(refusals).to.have.length.above(20);
    expect(refusals.filter(({ errno: name, because }) => !(errno[name] > 0) || because === '')).to.deep.equal(
      [],
    );
  });

  it('is frozen to its leaves', () => {
    const openat = entryOf('openat');
    expect(Object.isFrozen(table) && openat?.kind === 'row').to.equal(true);
    expect(() => Object.assign(openat?.kind === 'row' ? openat.args : {}, { dirfd: undefined })).to.throw(
      TypeError,
    );
  });

  it('checks the names of siblings when it is compiled', () => {
    // @ts-expect-error: no argument is called cuont
    call({ fd, buf: outBytes('cuont'), count: u64 }, zero, ownerOf('fd'));
    // @ts-expect-error: no argument is called df
    call({ fd }, zero, ownerOf('df'));
    // @ts-expect-error: no argument is called df
    const row = call({ fd }, zero, ownerOf('fd'), closes('df'));
    expect(row.names).to.deep.equal(['fd']);
  });
});

describe('looking up a system call', () => {
  const none = (): bigint => 0n;

  it('knows the same call by different numbers', () => {
    expect([numberOf('x86_64', 'openat'), numberOf('aarch64', 'openat')]).to.deep.equal([257, 56]);
    expect(rowFor('x86_64', 257, none)?.row).to.equal(rowFor('aarch64', 56, none)?.row);
  });

  it('throws for a call that the architecture does not have', () => {
    expect(() => numberOf('aarch64', 'open')).to.throw(TypeError, 'aarch64 has no system call open');
  });

  it('has nothing for a number that no known kernel has', () => {
    expect(rowFor('x86_64', lastNumber('x86_64') + 1, none)).to.equal(undefined);
    expect(rowFor('x86_64', -1, none)).to.equal(undefined);
  });

  it('knows nothing that objects have by themselves', () => {
    expect(entryOf('constructor')).to.equal(undefined);
    expect(() => numberOf('x86_64', 'toString')).to.throw(TypeError);
  });

  const commands: [call: number, command: bigint, variant: string | undefined][] = [
    [numbers.x86_64.fcntl, 0n, 'F_DUPFD'],
    [numbers.x86_64.fcntl, 1030n, 'F_DUPFD_CLOEXEC'],
    [numbers.x86_64.fcntl, 0xffff_ffff_0000_0003n, 'F_GETFL'],
    [numbers.x86_64.fcntl, 0x7777n, undefined],
    [numbers.x86_64.ioctl, 0x5413n, 'TIOCGWINSZ'],
    [numbers.x86_64.ioctl, 0xffff_ffff_8008_6601n, 'FS_IOC_GETFLAGS'],
    [numbers.x86_64.ioctl, 0x8004_5430n, undefined],
  ];
  for (const [number, command, variant] of commands) {
    it(`takes command 0x${command.toString(16)} of call ${number} for ${variant ?? 'one of the others'}`, () => {
      expect(rowFor('x86_64', number, (index) => (index === 1 ? command : 0n))?.variant).to.equal(variant);
    });
  }

  const words: [word: string, nearest: string | undefined][] = [
    ['opneat', 'openat'],
    ['getpid64', 'getpid'],
    ['umount', 'umount2'],
    ['stat64', 'stat'],
    ['qqqqqqq', undefined],
  ];
  for (const [word, nearest] of words) {
    it(`suggests ${nearest ?? 'nothing'} for ${word}`, () => {
      expect(nearestName(word)).to.equal(nearest);
    });
  }
});
