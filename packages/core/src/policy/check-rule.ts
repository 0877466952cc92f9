import { isMap, isScalar, type Node } from 'yaml';
import { errno, errnoName, type ErrnoName } from '../abi/errno.js';
import { isSyscallName, nearestName } from '../abi/lookup.js';
import { isSetName, nearestChoice, parseSyscallSet, setNames, undeniable } from '../abi/sets.js';
import { takesDescriptor, takesPath } from '../abi/takes.js';
import type { SyscallName } from '../abi/table.js';
import { describe, type Complaint, type Field, type PolicyDocument } from './document.js';
import { globProblem } from './glob.js';
import { choice } from './mistakes.js';
import type { Rule, Side } from './policy.js';
import { chosenBy, reachOf } from './reach.js';

const keys = ['syscalls', 'paths', 'program', 'origin', 'route', 'errno'] as const;
type Fields = Partial<Record<(typeof keys)[number], Field>>;

const routes: readonly string[] = ['remote', 'local', 'deny'] satisfies Rule['route'][];
const sides: readonly string[] = ['remote', 'local'] satisfies Side[];
const errnoNames = Object.keys(errno) as ErrnoName[];

/** A rule, and where it stands in the file. */
export interface PlacedRule {
  readonly rule: Rule;
  readonly at: number;
}

/** Reads a rule, which begins at the offset `at`; undefined where something is wrong with it. */
export function checkRule(document: PolicyDocument, node: Node | null, at: number): PlacedRule | undefined {
  if (!isMap(node)) {
    const fix = 'route: remote, and its conditions';
    document.report(node ?? at, { expected: 'a rule, which is a map', found: describe(node), fix });
    return undefined;
  }
  const before = document.mistakeCount;
  const fields: Fields = document.fields(node, 'a rule', keys);
  const rule = {
    ...has('syscalls', fields.syscalls && readSyscalls(document, fields.syscalls)),
    ...has('paths', fields.paths && readGlobs(document, fields.paths, 'paths: /data/**')),
    ...has('program', fields.program && readGlobs(document, fields.program, 'program: /usr/bin/git')),
    ...has('origin', fields.origin && (readWord(document, 'origin', fields.origin, sides) as Side)),
    route: readRoute(document, fields.route, node),
    ...has('errno', readErrno(document, fields)),
    line: document.lineOf(at),
  };
  if (document.mistakeCount === before) checkSense(document, rule, fields, at);
  return document.mistakeCount === before ? { rule, at } : undefined;
}

function has<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

function readSyscalls(document: PolicyDocument, field: Field): string {
  const before = document.mistakeCount;
  const expected = 'system calls and sets';
  const words = document.texts(field, { expected, fix: 'syscalls: file' });
  const parts = words.flatMap((word) => document.parts(word));
  for (const { text, at } of parts) {
    const name = text.replace(/^!/, '');
    if (isSetName(name) || isSyscallName(name)) continue;
    const nearest = nearestChoice(name);
    document.report(at, {
      expected: 'a system call or a set',
      found: text === '' ? 'nothing' : JSON.stringify(name),
      fix: nearest === undefined || name === '' ? `a set: ${choice(setNames)}` : text.replace(name, nearest),
    });
  }
  const list = parts.map(({ text }) => text).join(',');
  if (document.mistakeCount === before && parseSyscallSet(list).names.size === 0) {
    document.report(field.value ?? field.at, {
      expected,
      found: 'a list that takes away all that it chose',
      fix: 'first the sets, behind them what to leave out',
    });
  }
  return list;
}

function readGlobs(document: PolicyDocument, field: Field, example: string): readonly string[] {
  const expected = 'the glob of an absolute path';
  const words = document.texts(field, { expected, fix: example });
  for (const { text, at } of words) {
    const problem = globProblem(text);
    if (problem) document.report(at, { expected, ...problem });
  }
  return words.map(({ text }) => text);
}

function readRoute(document: PolicyDocument, field: Field | undefined, map: Node): Rule['route'] {
  if (field) return (readWord(document, 'route', field, routes) ?? 'local') as Rule['route'];
  document.report(map, { expected: `a route (${choice(routes)})`, found: 'none', fix: 'route: remote' });
  return 'local';
}

function readWord(
  document: PolicyDocument,
  key: string,
  field: Field,
  among: readonly string[],
): string | undefined {
  const expected = choice(among);
  const word = document.text(field, { expected, fix: `${key}: ${among[0] ?? ''}` });
  if (word === undefined || among.includes(word.text)) return word?.text;
  const nearest = nearestName(word.text, among) ?? among[0] ?? '';
  document.report(word.at, { expected, found: JSON.stringify(word.text), fix: `${key}: ${nearest}` });
  return undefined;
}

function readErrno(document: PolicyDocument, { errno: field, route }: Fields): ErrnoName | undefined {
  const denies = isScalar(route?.value) && route.value.value === 'deny';
  if (field === undefined) {
    const expected = 'an errno, which a denied call answers';
    if (denies) document.report(route.at, { expected, found: 'none', fix: 'errno: EACCES' });
    return undefined;
  }
  if (!denies && isScalar(route?.value) && routes.includes(String(route.value.value))) {
    const fix = 'route: deny, or no errno';
    document.report(field.at, { expected: 'no errno where nothing is denied', found: 'one', fix });
  }
  return readErrnoName(document, field);
}

function readErrnoName(document: PolicyDocument, field: Field): ErrnoName | undefined {
  const expected = 'the name of an errno';
  const number = isScalar(field.value) ? field.value.value : undefined;
  const named = typeof number === 'number' ? errnoName(number) : 'EACCES';
  const fix = `errno: ${named.startsWith('E') ? named : 'EACCES'}`;
  const word = document.text(field, { expected, fix });
  const known = errnoNames.find((name) => name === word?.text);
  if (word === undefined || known !== undefined) return known;
  const nearest = nearestName(word.text.toUpperCase(), errnoNames) ?? 'EACCES';
  document.report(word.at, { expected, found: JSON.stringify(word.text), fix: `errno: ${nearest}` });
  return undefined;
}

/** Reports what a rule asks and does that cannot go together. */
function checkSense(document: PolicyDocument, rule: Rule, fields: Fields, at: number): void {
  const place = (key: keyof Fields) => fields[key]?.value ?? fields[key]?.at ?? at;
  const needed = neededIn(rule);
  if (needed) document.report(place('syscalls'), needed);
  const missed = missedBy(rule);
  if (missed) document.report(place('syscalls'), missed);
  else if (isAtOdds(rule)) document.report(place('route'), atOdds(rule));
}

function neededIn(rule: Rule): Complaint | undefined {
  const needed = [...chosenBy(rule).named].filter((name) => undeniable.has(name)).join(', ');
  if (rule.route !== 'deny' || needed === '') return undefined;
  return {
    expected: 'calls that can be denied',
    found: `${needed}, without which no program ends or goes on`,
    fix: `leave ${needed} out`,
  };
}

/** A call of the rule, chosen by its own name, can never meet a condition; or no call can. */
function missedBy(rule: Rule): Complaint | undefined {
  const named = [...chosenBy(rule).named];
  const byPath = rule.paths && without(named, takesPath, 'path');
  const byOrigin = rule.origin && without(named, takesDescriptor, 'descriptor');
  if (byPath || byOrigin) return byPath || byOrigin;
  if (reachOf(rule).size > 0) return undefined;
  const asked =
    rule.paths && rule.origin ? 'a path and a descriptor' : rule.paths ? 'a path' : 'a descriptor';
  return {
    expected: `calls that take ${asked}`,
    found: 'none of that kind',
    fix: `leave ${rule.paths ? 'paths' : 'origin'} out, or choose others: syscalls: file`,
  };
}

function without(
  named: readonly SyscallName[],
  takes: (name: SyscallName) => boolean,
  what: string,
): Complaint | undefined {
  const missing = named.filter((name) => !takes(name));
  if (missing.length === 0) return undefined;
  const names = missing.join(', ');
  return {
    expected: `calls that take a ${what}`,
    found: `${names}, which ${missing.length === 1 ? 'takes' : 'take'} none`,
    fix: `a rule of its own for ${names}`,
  };
}

/** Whether the rule would move descriptors, and nothing else. */
function isAtOdds(rule: Rule): boolean {
  const { origin, route } = rule;
  return origin !== undefined && route !== 'deny' && route !== origin && ![...reachOf(rule)].some(takesPath);
}

function atOdds({ origin, route }: Rule): Complaint {
  return {
    expected: `route ${origin ?? ''} or deny, as a descriptor stays on its side`,
    found: JSON.stringify(route),
    fix: 'leave the rule out, or route: deny',
  };
}
