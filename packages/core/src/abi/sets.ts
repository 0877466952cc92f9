import { RscError } from '../errors.js';
import { isSyscallName, nearestName, rowsOf } from './lookup.js';
import { families, syscallNames, table, type SyscallName } from './table.js';
import type { Arg, Fact, Placement, Row } from './vocabulary.js';

/** The names of the sets of system calls. They mean what strace's mean; `time` has more than its clock. */
export const setNames = ['all', 'desc', 'file', 'ipc', 'memory', 'net', 'process', 'signal', 'time'] as const;
export type SetName = (typeof setNames)[number];

/** Which calls the user has chosen. */
export interface Selection {
  readonly names: ReadonlySet<SyscallName>;
  /** Those that were chosen by their own name: for them alone a row may say that it is remote. */
  readonly named: ReadonlySet<SyscallName>;
}

/** What belongs to a set beyond what its family and its rows tell, as strace has it. */
const beyond: Readonly<Partial<Record<SetName, readonly SyscallName[]>>> = {
  // What paths begin at, and (not in strace's set) what limits the mode of a new file.
  file: ['getcwd', 'umask'],
  // They write their descriptors to memory, or have them in a struct or a range.
  desc: ['bpf', 'close_range', 'pipe', 'pipe2'],
  net: ['sendfile'],
  process: ['kill', 'tkill', 'tgkill', 'rt_sigqueueinfo', 'rt_tgsigqueueinfo', 'pidfd_send_signal'],
  memory: ['io_destroy', 'io_setup', 'shmat', 'shmdt'],
  time: ['timerfd_create', 'timerfd_settime', 'timerfd_gettime'],
  signal: ['signalfd', 'signalfd4'],
};

const members: Readonly<Record<SetName, ReadonlySet<SyscallName>>> = Object.freeze({
  all: new Set(syscallNames),
  desc: setOf('desc', (name, row) => !isIn(families.net, name) && usesDescriptors(row)),
  file: setOf('file', (_, row) => argsOf(row).some((arg) => arg.kind === 'string' && arg.path)),
  ipc: setOf('ipc', (name) => isIn(families.ipc, name)),
  memory: setOf('memory', (name) => isIn(families.memory, name)),
  net: setOf('net', (name) => isIn(families.net, name)),
  process: setOf('process', (name) => isIn(families.process, name)),
  signal: setOf('signal', (name) => isIn(families.signal, name)),
  time: setOf('time', (name) => isIn(families.time, name)),
});

/** The calls of a set. */
export function membersOfSet(set: SetName): ReadonlySet<SyscallName> {
  return members[set];
}

/** The sets that a call is in, but for `all`. */
export function setsOf(name: SyscallName): readonly SetName[] {
  return setNames.filter((set) => set !== 'all' && members[set].has(name));
}

/**
 * Reads a list of sets and names, from left to right: `file,!unlink,getppid`. With `!` they are taken away again, from
 * all calls where the list begins so. Throws RSC_SYSCALL_UNKNOWN.
 */
export function parseSyscallSet(list: string): Selection {
  const words = list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0) {
    throw new RscError(
      'RSC_SYSCALL_UNKNOWN',
      'no system calls are chosen: the list is empty',
      'try: --syscalls file',
    );
  }
  const names = new Set<SyscallName>(words[0]?.startsWith('!') ? members.all : []);
  const named = new Set<SyscallName>();
  for (const word of words) {
    const taken = !word.startsWith('!');
    const wanted = taken ? word : word.slice(1);
    const isSet = isSetName(wanted);
    for (const name of isSet ? members[wanted] : [nameIn(wanted)]) {
      if (taken) names.add(name);
      else names.delete(name);
      if (taken && !isSet) named.add(name);
      else if (!taken) named.delete(name);
    }
  }
  return Object.freeze({ names, named });
}

/** The calls that a program cannot do without: they do not come back, or stand for one that was interrupted. */
export const undeniable: ReadonlySet<SyscallName> = new Set<SyscallName>([
  'exit',
  'exit_group',
  'restart_syscall',
  'rt_sigreturn',
]);

/** The calls that execute a program. */
export const executing = withFact('executes');

/** The calls by which others are made that nobody sees. */
export const bypassing = withFact('bypasses');

/**
 * The calls at which a tracee has to stop so that the selected ones can be remote: those that can be, or are refused;
 * and where they can make remote descriptors or lead into a remote directory, all calls that may meet one of these.
 * And those in `watched`, whatever they may meet.
 */
export function trappedCalls(
  selection: Selection,
  watched: Iterable<SyscallName> = [],
): ReadonlySet<SyscallName> {
  const chosen = syscallNames.filter(
    (name) =>
      selection.names.has(name) &&
      rowsOf(table[name]).some((row) => leavesTracee(row, selection.named.has(name))),
  );
  const trapped = new Set([...chosen, ...watched]);
  if (!chosen.some((name) => rowsOf(table[name]).some(makesRemoteState))) return trapped;
  for (const name of syscallNames) {
    if (rowsOf(table[name]).some(meetsRemoteState)) trapped.add(name);
  }
  return trapped;
}

/** The calls at which a tracee has to stop that maps remote files, shared. */
export function mapCalls(): readonly SyscallName[] {
  return syscallNames.filter((name) =>
    rowsOf(table[name]).some(({ facts }) => facts.some(({ kind }) => factsOfMaps.has(kind))),
  );
}

function leavesTracee({ runs }: Row, isNamed: boolean): boolean {
  return runs.kind === 'namedOnly' ? isNamed : runs.kind !== 'local';
}

/** Whether a call of its own can open something remote, or enter a remote directory. */
function makesRemoteState({ runs, success, facts }: Row): boolean {
  if (runs.kind !== 'pathOf' && runs.kind !== 'remote') return false;
  if (facts.some(({ kind }) => kind === 'remoteUnsupported')) return false;
  return success.kind === 'newFd' || facts.some(({ kind }) => kind === 'entersDirectory');
}

/** Whether what a call does may depend on what is remote already, though the call itself was not selected. */
function meetsRemoteState({ runs, success, facts }: Row): boolean {
  if (placementsOfState.has(runs.kind) || success.kind === 'copyOf') return true;
  return facts.some(({ kind }) => factsOfState.has(kind));
}

const placementsOfState: ReadonlySet<Placement['kind']> = new Set<Placement['kind']>([
  'ownerOf',
  'ownersOf',
  'ownersIn',
  'pathOf',
  'pathsOf',
  'cwd',
  'mapping',
]);

const factsOfState: ReadonlySet<string> = new Set([
  'closes',
  'closesRange',
  'entersDirectory',
  'marksCloexec',
  'executes',
  'bypasses',
  'resumes',
  'paired',
]);

const factsOfMaps: ReadonlySet<string> = new Set(['unmaps', 'remaps', 'syncsMaps']);

function setOf(set: SetName, holds: (name: SyscallName, row: Row) => boolean): ReadonlySet<SyscallName> {
  const derived = syscallNames.filter((name) => rowsOf(table[name]).some((row) => holds(name, row)));
  return new Set([...derived, ...(beyond[set] ?? [])].sort());
}

function withFact(fact: Fact['kind']): ReadonlySet<SyscallName> {
  const has = ({ facts }: Row): boolean => facts.some(({ kind }) => kind === fact);
  return new Set(syscallNames.filter((name) => rowsOf(table[name]).some(has)));
}

function usesDescriptors(row: Row): boolean {
  if (row.success.kind === 'newFd' || row.success.kind === 'copyOf') return true;
  return argsOf(row).some(({ kind }) => kind === 'fd' || kind === 'pollfds' || kind === 'fdset');
}

function argsOf(row: Row): readonly Arg[] {
  return Object.values(row.args);
}

function isIn(family: Readonly<Record<string, unknown>>, name: string): boolean {
  return Object.hasOwn(family, name);
}

/** Whether a set has that name. */
export function isSetName(word: string): word is SetName {
  return (setNames as readonly string[]).includes(word);
}

/** The call or set that is probably meant by a word that names none. */
export function nearestChoice(word: string): string | undefined {
  return nearestName(word, [...setNames, ...syscallNames]);
}

function nameIn(word: string): SyscallName {
  if (isSyscallName(word)) return word;
  const nearest = nearestChoice(word);
  throw new RscError(
    'RSC_SYSCALL_UNKNOWN',
    `there is no system call or set named ${JSON.stringify(word)}`,
    nearest === undefined ? `the sets are ${setNames.join(', ')}` : `did you mean ${nearest}?`,
  );
}
