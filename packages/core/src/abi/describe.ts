/** What the table says of a call, in words: for `rsc syscalls` and docs/syscalls.md. */
import type { Arch } from './constants.js';
import { claimOf, effectOf, type Claim } from './claimed.js';
import { hasCall, numberOf } from './lookup.js';
import { setsOf, type SetName } from './sets.js';
import { syscallNames, table, type SyscallName } from './table.js';
import type { Arg, Fact, PathAt, Placement, Row, Success } from './vocabulary.js';

/** What rsc does with a call: it can run on the server, is always local, is refused, or is remote only when named. */
export type Support = 'remote' | 'local' | 'refused' | 'named only';

export interface DescribedArg {
  readonly name: string;
  /** The kind of the argument in words: `descriptor`, `path`, `struct stat, out`. */
  readonly kind: string;
}

/** One row of the table as plain data. */
export interface DescribedRow {
  readonly args: readonly DescribedArg[];
  readonly success: string;
  readonly runs: string;
  readonly support: Support;
  /** When an eBPF program claims it, and what comes of it here then. */
  readonly claimed: string;
  /** What it does not do, and why it is refused. */
  readonly caveats: readonly string[];
}

/** A system call as plain data. `commands` has the rows of one that does different things by a command. */
export interface DescribedCall extends DescribedRow {
  readonly name: SyscallName;
  readonly numbers: Readonly<Partial<Record<Arch, number>>>;
  readonly sets: readonly SetName[];
  readonly commands?: Readonly<Record<string, DescribedRow>>;
}

/** All that the table says of a call. */
export function describeCall(name: SyscallName): DescribedCall {
  const entry = table[name];
  const row = describeRow(entry.kind === 'row' ? entry : entry.otherwise);
  const shared = { name, numbers: numbersOf(name), sets: setsOf(name), ...row };
  if (entry.kind === 'row') return shared;
  const commands = Object.fromEntries(
    Object.entries(entry.rows).map(([command, known]) => [command, describeRow(known)]),
  );
  const isRemote = Object.values(commands).some(({ support }) => support === 'remote');
  return { ...shared, support: isRemote ? 'remote' : row.support, commands };
}

/** docs/syscalls.md, whole. */
export function syscallsMarkdown(): string {
  const calls = syscallNames.map(describeCall);
  const counts = (['remote', 'named only', 'refused', 'local'] as const).map(
    (support) => `${calls.filter((call) => call.support === support).length} ${support}`,
  );
  return [
    '<!-- Written by `make generate` from packages/core/src/abi. Change the rows, not this file. -->',
    '',
    '# System calls',
    '',
    `rsc knows ${calls.length} system calls: ${counts.join(', ')}.`,
    '',
    '- **remote**: runs on the server, where the policy sends it and its path or descriptor is there.',
    '- **local**: always runs on the machine of the program.',
    '- **named only**: local, unless the policy sends it by its own name.',
    '- **refused**: answered with an error where the policy sends it.',
    '',
    'What the policy sends is what `--syscalls` chooses, or what the rules of a [policy](policy.md) say; they can deny any call.',
    '',
    'How the engines ebpf and hybrid claim a call stands under *claimed*: always, by arguments that are remote, or with anything',
    'remote; and what comes of the claimed call here, for a claim does not keep it from running: it is *harmless*, its part here',
    'is *wanted*, or it is refused at a hook of the kernel (security_NAME), where there is one.',
    '',
    'Which sets a call is in stands behind its name; every call is in `all`.',
    '',
    '| call | sets | support | runs | claimed | remarks |',
    '|---|---|---|---|---|---|',
    ...calls.map(lineOf),
    '',
    ...calls.flatMap(commandLines),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function lineOf({ name, sets, support, runs, claimed, caveats, commands }: DescribedCall): string {
  const remarks = commands === undefined ? caveats.join('; ') : `by command: see [below](#${name})`;
  return `| ${[name, sets.join(', '), support, ...(commands === undefined ? [runs, claimed] : ['', '']), remarks].map(cell).join(' | ')} |`;
}

function commandLines({ name, commands, ...otherwise }: DescribedCall): string[] {
  if (commands === undefined) return [];
  const rows = [...Object.entries(commands), ['all others', otherwise] as const];
  return [
    `## ${name}`,
    '',
    '| command | support | runs | claimed | remarks |',
    '|---|---|---|---|---|',
    ...rows.map(([command, { support, runs, claimed, caveats }]) => {
      return `| ${[command, support, runs, claimed, caveats.join('; ')].map(cell).join(' | ')} |`;
    }),
    '',
  ];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function numbersOf(name: SyscallName): Partial<Record<Arch, number>> {
  const arches = (['x86_64', 'aarch64'] as const).filter((arch) => hasCall(arch, name));
  return Object.fromEntries(arches.map((arch) => [arch, numberOf(arch, name)]));
}

function describeRow(row: Row): DescribedRow {
  const args = row.names.flatMap((name) => {
    const arg = row.args[name];
    return arg === undefined ? [] : [{ name, kind: kindOf(arg) }];
  });
  return {
    args,
    success: successOf(row.success),
    runs: staysHere(row) ? 'here' : placeOf(row.runs),
    support: supportOf(row),
    claimed: claimedOf(row),
    caveats: [...(isPumped(row) ? [] : placeCaveats(row.runs)), ...row.facts.flatMap(factCaveats)],
  };
}

function claimedOf(row: Row): string {
  const claim = claimOf(row);
  if (claim.kind === 'never') return '';
  const effect = effectOf(row);
  const hooks = effect.kind === 'done' ? effect.hooks : [];
  const here = effect.kind !== 'done' ? effect.kind : hooks.length > 0 ? hooks.join(', ') : 'no hook';
  return `${whenClaimed(row, claim)}; ${here}`;
}

function whenClaimed({ names }: Row, claim: Claim): string {
  if (claim.kind === 'always') return 'always';
  if (claim.kind !== 'ifArguments') return 'with anything remote';
  return `by ${[...claim.descriptors, ...claim.paths.map(({ path }) => path)].map((index) => names[index]).join(', ')}`;
}

function supportOf(row: Row): Support {
  const { runs } = row;
  if (runs.kind === 'refused') return 'refused';
  if (runs.kind === 'namedOnly') return 'named only';
  if (runs.kind === 'local' || staysHere(row)) return 'local';
  return 'remote';
}

/** Whether the call runs for local objects only. */
/** Whether it works with its descriptors on different sides. */
function isPumped({ facts }: Row): boolean {
  return facts.some(({ kind }) => kind === 'pumps');
}

function staysHere({ facts }: Row): boolean {
  return facts.some(({ kind }) => kind === 'remoteUnsupported');
}

function kindOf(arg: Arg): string {
  switch (arg.kind) {
    case 'fd':
      return arg.atFdcwd ? 'descriptor or AT_FDCWD' : 'descriptor';
    case 'number':
      return `${arg.signed ? 'signed' : 'unsigned'} ${arg.bits} bits${arg.set === undefined ? '' : `, ${arg.set}`}`;
    case 'addr':
      return 'address';
    case 'string':
      return arg.path ? 'path' : 'text';
    case 'bytes':
      return `${arg.length} bytes, ${arg.direction}`;
    case 'struct':
      return `${arg.struct}, ${arg.direction}`;
    case 'pointing':
      return `${arg.struct} of ${arg.length} bytes, which points to more, ${arg.direction}`;
    case 'iovec':
      return `${arg.count} iovecs, ${arg.direction}`;
    case 'ioctl':
      return `as ${arg.request} says`;
    case 'pollfds':
      return `${arg.count} pollfds`;
    case 'fdset':
      return `set of ${arg.count} descriptors`;
  }
}

function successOf(success: Success): string {
  switch (success.kind) {
    case 'zero':
      return '0';
    case 'value':
      return success.base === 16 ? 'an address or bits' : 'a number';
    case 'count':
      return `bytes in ${success.of}`;
    case 'newFd':
      return 'a new descriptor';
    case 'copyOf':
      return `a copy of ${success.of}`;
    case 'never':
      return 'does not come back';
  }
}

function placeOf(runs: Placement): string {
  switch (runs.kind) {
    case 'local':
      return 'here';
    case 'remote':
      return 'on the server';
    case 'both':
      return 'on both sides';
    case 'cwd':
      return 'where the working directory is';
    case 'namedOnly':
      return 'here; on the server when named';
    case 'refused':
      return 'nowhere';
    case 'ownerOf':
      return `where ${runs.fd} is`;
    case 'ownersOf':
      return `where ${runs.fds.join(' and ')} are`;
    case 'ownersIn':
      return `where the descriptors in ${runs.fds.join(', ')} are`;
    case 'mapping':
      return `here, with the bytes of ${runs.fd}`;
    case 'pathOf':
      return `where ${pathName(runs.at)} leads`;
    case 'pathsOf':
      return `where ${pathName(runs.from)} and ${pathName(runs.to)} lead`;
  }
}

function pathName([dirfd, path]: PathAt): string {
  return dirfd === undefined ? path : `${path} from ${dirfd}`;
}

function placeCaveats(runs: Placement): string[] {
  switch (runs.kind) {
    case 'refused':
      return [`${runs.errno}: ${runs.because}`];
    case 'ownersOf':
      return [
        `${runs.mixed} where they are on different sides${runs.because === undefined ? '' : `: ${runs.because}`}`,
      ];
    case 'pathsOf':
      return ['EXDEV where they lead to different sides'];
    default:
      return [];
  }
}

function factCaveats(fact: Fact): string[] {
  if (fact.kind === 'caveat') return [fact.text];
  if (fact.kind === 'remoteUnsupported') return [`${fact.errno} where it would be remote: ${fact.because}`];
  return [];
}
