/**
 * How an eBPF program can claim a call (decision 0016): which of its arguments tell whether it may concern the server, and what
 * it does here though it is claimed, for the program only sees to it that the thread stops when the call has run.
 */
import { constant } from './constants.js';
import { rowsOf } from './lookup.js';
import { descriptorsIn, pathsIn } from './takes.js';
import type { SyscallName } from './table.js';
import type { Entry, Hook, PathAt, Row } from './vocabulary.js';

/** When a call is claimed. Numbers are those of argument registers. */
export type Claim =
  | { readonly kind: 'never' | 'always' | 'ifAnyRemote' }
  /** One of the descriptors is remote, or one of the paths is not surely local. */
  | {
      readonly kind: 'ifArguments';
      readonly descriptors: readonly number[];
      readonly paths: readonly { readonly directory: number | undefined; readonly path: number }[];
      /** Not where the argument has any of these bits. */
      readonly unless?: { readonly argument: number; readonly bits: number };
    };

/** What comes of a claimed call here. */
export type Effect =
  /** Nothing that anybody notices. */
  | { readonly kind: 'harmless' }
  /** What the tracer would have the thread do anyway. */
  | { readonly kind: 'wanted' }
  /** What the local call does, unless the kernel lets a program refuse it: at one of the hooks, or the call as a whole. */
  | { readonly kind: 'done'; readonly hooks: readonly Hook[] };

const harmless: Effect = { kind: 'harmless' };
const wanted: Effect = { kind: 'wanted' };

/** Facts of calls that have to be seen whatever their arguments are: where the process stands, what it runs, what it makes. */
const alwaysClaimed: ReadonlySet<string> = new Set(['entersDirectory', 'executes', 'bypasses', 'paired']);
/** Facts of calls that concern whatever is remote, or may be part of a wait for it. */
const ifAnyIsRemote: ReadonlySet<string> = new Set([
  'closesRange',
  'resumes',
  'unmaps',
  'remaps',
  'syncsMaps',
]);
/** Facts of calls that do to a placeholder what has to be done to it. */
const wantedHere: ReadonlySet<string> = new Set([
  'unmaps',
  'remaps',
  'syncsMaps',
  'closes',
  'closesRange',
  'marksCloexec',
  'paired',
  'setsInterest',
  'answersOnce',
  'overwrites',
]);
/** Placements of calls on placeholders, which answer them with an error. */
const onPlaceholders: ReadonlySet<string> = new Set(['ownerOf', 'ownersOf', 'mapping']);

/** Where the kernel's function has another name than its call (arch/x86/entry/syscalls/syscall_64.tbl). */
const entryPoints: Readonly<Partial<Record<SyscallName, string>>> = {
  stat: 'newstat',
  lstat: 'newlstat',
  fstat: 'newfstat',
  uname: 'newuname',
  sendfile: 'sendfile64',
  umount2: 'umount',
};

/** The function of an x86_64 kernel that carries out the call. */
export function entryPointOf(name: SyscallName): string {
  return `__x64_sys_${entryPoints[name] ?? name}`;
}

/** When a call is claimed whose rows are those of `entry`, the policy letting it be remote. */
export function claimOf(entry: Entry): Claim {
  if (entry.kind === 'row') return claimOfRow(entry);
  // What follows the command is a descriptor of some commands only: those before it are descriptors of all.
  const claims = rowsOf(entry).map(claimOfRow);
  if (claims.some(({ kind }) => kind === 'always')) return { kind: 'always' };
  const descriptors = claims
    .flatMap((claim) => (claim.kind === 'ifArguments' ? claim.descriptors : []))
    .filter((register) => register < entry.by);
  return { kind: 'ifArguments', descriptors: [...new Set(descriptors)], paths: [] };
}

/** What comes of any of its rows. */
export function effectOf(entry: Entry): Effect {
  const rows = rowsOf(entry);
  const claimed = rows.filter((row) => claimOfRow(row).kind !== 'never');
  const effects = (claimed.length > 0 ? claimed : rows).map(effectOfRow);
  const hooks = effects.flatMap((effect) => (effect.kind === 'done' ? effect.hooks : []));
  if (effects.some(({ kind }) => kind === 'done')) return { kind: 'done', hooks: [...new Set(hooks)] };
  return effects.some(({ kind }) => kind === 'wanted') ? wanted : harmless;
}

/** What a call writes its results over, by numbers of argument registers. */
export interface Overwritten {
  /** How many descriptors the sets have room for. */
  readonly count: number;
  readonly sets: readonly number[];
  readonly time: number;
}

/** What has to be saved of a call before it runs here; undefined: nothing. */
export function overwrittenBy(entry: Entry): Overwritten | undefined {
  for (const { facts, names } of rowsOf(entry)) {
    const fact = facts.find(({ kind }) => kind === 'overwrites');
    if (fact?.kind !== 'overwrites') continue;
    const register = (name: string) => names.indexOf(name);
    return { count: register(fact.count), sets: fact.sets.map(register), time: register(fact.time) };
  }
  return undefined;
}

function claimOfRow(row: Row): Claim {
  const { runs, success, facts, names } = row;
  if (facts.some(({ kind }) => alwaysClaimed.has(kind))) return { kind: 'always' };
  if (facts.some(({ kind }) => ifAnyIsRemote.has(kind))) return { kind: 'ifAnyRemote' };
  const register = (name: string) => names.indexOf(name);
  const placed = (descriptors: readonly string[], at: readonly PathAt[] = []): Claim => ({
    kind: 'ifArguments',
    descriptors: descriptors.map(register),
    paths: at.map(([directory, path]) => ({
      directory: directory === undefined ? undefined : register(directory),
      path: register(path),
    })),
  });
  const marks = facts.find((fact) => fact.kind === 'marksCloexec');
  if (marks?.kind === 'marksCloexec') return placed([marks.fd]);
  if (success.kind === 'copyOf')
    return placed([success.of, ...(success.at === undefined ? [] : [success.at])]);
  switch (runs.kind) {
    case 'local':
      return { kind: 'never' };
    case 'ownerOf':
      return placed(facts.some(({ kind }) => kind === 'setsInterest') ? descriptorsIn(row) : [runs.fd]);
    case 'ownersOf':
      return placed(runs.fds);
    case 'mapping':
      return {
        ...(placed([runs.fd]) as Claim & { readonly kind: 'ifArguments' }),
        unless: { argument: register(runs.flags), bits: constant('MAP_ANONYMOUS') },
      };
    case 'pathOf':
      return placed(besideDirectories(row), [runs.at]);
    case 'pathsOf':
      return placed([], [runs.from, runs.to]);
    case 'ownersIn':
      return { kind: 'ifAnyRemote' };
    case 'cwd':
    case 'remote':
    case 'both':
    case 'namedOnly':
    case 'refused':
      return { kind: 'always' };
  }
}

/** The descriptors of a call that are no directories in which its paths begin. */
function besideDirectories(row: Row): string[] {
  const directories = pathsIn(row).map(([directory]) => directory);
  return descriptorsIn(row).filter((name) => row.args[name]?.kind === 'fd' && !directories.includes(name));
}

function effectOfRow(row: Row): Effect {
  const { runs, success, facts } = row;
  const has = (kind: string) => facts.some((fact) => fact.kind === kind);
  if (has('looks') || has('resumes')) return harmless;
  if (facts.some(({ kind }) => wantedHere.has(kind)) || success.kind === 'copyOf' || runs.kind === 'both')
    return wanted;
  if (onPlaceholders.has(runs.kind) && !has('entersDirectory')) return harmless;
  return { kind: 'done', hooks: hooksOf(row) };
}

/** The hooks that such a call meets before it does anything, whatever its arguments are. */
function hooksOf(row: Row): Hook[] {
  const hooks: Hook[] = row.facts.flatMap((fact) => (fact.kind === 'vetoedBy' ? [fact.hook] : []));
  const walks = pathsIn(row).length > 0 || row.facts.some(({ kind }) => kind === 'entersDirectory');
  if (walks) hooks.unshift('inode_permission');
  const opens = row.success.kind === 'newFd' || row.facts.some(({ kind }) => kind === 'executes');
  return opens ? ['file_alloc', ...hooks] : hooks;
}
