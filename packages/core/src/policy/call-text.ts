/** Calls in words, as strace(1) prints them: `openat(AT_FDCWD, "/data/x", O_RDWR) = 3`. */
import { constantIn, type ConstantName } from '../abi/constants.js';
import { membersOf, type FlagSet } from '../abi/flags.js';
import { isSyscallName, nearestName } from '../abi/lookup.js';
import { syscallNames, table, type SyscallName } from '../abi/table.js';
import type { Arg, Row } from '../abi/vocabulary.js';
import { RscError } from '../errors.js';
import { latin1, textOf } from '../tracer/paths.js';

/** An argument as it was written. */
export type WrittenArg =
  /** `isCut`: the rest was left out (`"abc"...`). */
  | { readonly kind: 'text'; readonly text: string; readonly isCut: boolean }
  /** `3`, `AT_FDCWD`, `3</data/x>` with the path of the descriptor. */
  | { readonly kind: 'word'; readonly text: string; readonly path?: string };

/** A call as it was written. */
export interface WrittenCall {
  readonly name: SyscallName;
  readonly row: Row;
  /** By the names of the row; those at the end may be left out. */
  readonly args: Readonly<Partial<Record<string, WrittenArg>>>;
}

/**
 * Reads a call. AT_FDCWD may be left out, and what comes behind the last argument that matters. Paths are text. Throws
 * RSC_SYSCALL_UNKNOWN, RSC_OPTION_INVALID.
 */
export function parseCall(text: string): WrittenCall {
  const [, name, rest] = /^(?:\[pid +\d+\] )?\s*([a-z_]\w*)\s*\((.*)$/s.exec(text.trim()) ?? [];
  if (name === undefined || rest === undefined) {
    throw wrong(text, 'it is not NAME(ARGUMENT, ...)', `openat("/data/x", O_RDWR)`);
  }
  if (!isSyscallName(name)) {
    const nearest = nearestName(name, syscallNames);
    throw new RscError(
      'RSC_SYSCALL_UNKNOWN',
      `cannot explain ${name}: there is no such system call`,
      nearest === undefined ? 'rsc syscalls' : `did you mean ${nearest}?`,
    );
  }
  const written = argumentsIn(text, rest);
  const row = rowOf(name, written);
  return { name, row, args: bind(text, name, row, written) };
}

/** The arguments up to the closing parenthesis. */
function argumentsIn(text: string, rest: string): WrittenArg[] {
  const args: WrittenArg[] = [];
  for (let at = 0; ;) {
    at += /^\s*/.exec(rest.slice(at))?.[0].length ?? 0;
    if (rest[at] === ')' && args.length === 0) return args;
    const found = rest[at] === '"' ? textAt(text, rest, at) : wordAt(rest, at);
    args.push(found.arg);
    at = found.end + (/^\s*(?:\/\*.*?\*\/)?\s*/.exec(rest.slice(found.end))?.[0].length ?? 0);
    if (rest[at] === ')') return args;
    if (rest[at] !== ',') throw wrong(text, 'its ) is missing', 'write it as strace prints it');
    at++;
  }
}

interface Found {
  readonly arg: WrittenArg;
  readonly end: number;
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  v: '\v',
  f: '\f',
  a: '\x07',
  b: '\b',
};

function textAt(text: string, rest: string, at: number): Found {
  const [whole, inner = '', cut] = /^"((?:[^"\\]|\\.)*)"(\.\.\.)?/s.exec(rest.slice(at)) ?? [];
  if (whole === undefined) throw wrong(text, 'a " is not closed', 'write it as strace prints it');
  // Escapes are bytes, and what is not escaped is text.
  const bytes = latin1(inner).replaceAll(
    /\\(?:x([0-9a-f]{1,2})|([0-7]{1,3})|(.))/gs,
    (_, hex?: string, octal?: string, other = '') => {
      if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
      return escapes[other] ?? other;
    },
  );
  return { arg: { kind: 'text', text: textOf(bytes), isCut: cut !== undefined }, end: at + whole.length };
}

/** Anything else, with what it has in brackets. */
function wordAt(rest: string, at: number): Found {
  const [whole, number = '', path] = /^(-?\d+|AT_FDCWD)<([^>]*)>/.exec(rest.slice(at)) ?? [];
  if (whole !== undefined && path !== undefined) {
    return { arg: { kind: 'word', text: number, path }, end: at + whole.length };
  }
  let depth = 0;
  let end = at;
  for (; end < rest.length; end++) {
    const character = rest.charAt(end);
    if (depth === 0 && (character === ',' || character === ')')) break;
    if (character === '"') end += (/^"(?:[^"\\]|\\.)*"/s.exec(rest.slice(end))?.[0].length ?? 1) - 1;
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
  }
  return {
    arg: {
      kind: 'word',
      text: rest
        .slice(at, end)
        .replaceAll(/\/\*.*?\*\//g, '')
        .trim(),
    },
    end,
  };
}

/** The row of a call, by its command where it has several. */
function rowOf(name: SyscallName, written: readonly WrittenArg[]): Row {
  const entry = table[name];
  if (entry.kind === 'row') return entry;
  const command = written[entry.by];
  const rows: Readonly<Partial<Record<string, Row>>> = entry.rows;
  return (command?.kind === 'word' ? rows[command.text] : undefined) ?? entry.otherwise;
}

function bind(
  text: string,
  name: SyscallName,
  row: Row,
  written: readonly WrittenArg[],
): Readonly<Partial<Record<string, WrittenArg>>> {
  const left = [...written];
  const bound: Partial<Record<string, WrittenArg>> = {};
  row.names.forEach((argument, index) => {
    const arg = row.order[index];
    const next = left[0];
    if (arg === undefined || next === undefined) return;
    if (arg.kind === 'fd' && arg.atFdcwd && next.kind === 'text') {
      bound[argument] = { kind: 'word', text: 'AT_FDCWD' };
      return;
    }
    bound[argument] = next;
    left.shift();
    checkArgument(text, argument, arg, next);
  });
  if (left.length > 0) {
    throw wrong(text, `${name} has ${row.names.length} arguments`, `rsc syscalls ${name}`);
  }
  return bound;
}

function checkArgument(text: string, name: string, arg: Arg, written: WrittenArg): void {
  if (arg.kind === 'string' && written.kind !== 'text' && written.text !== 'NULL') {
    throw wrong(text, `its ${name} is no text in quotes`, `"${written.text}"`);
  }
  if (arg.kind === 'string' && written.kind === 'text' && written.isCut) {
    throw wrong(text, `its ${name} is cut off`, 'strace -s 4096');
  }
  if (arg.kind === 'fd' && !isDescriptor(written)) {
    throw wrong(text, `its ${name} is no descriptor`, arg.atFdcwd ? 'AT_FDCWD, or a number' : 'a number');
  }
  if (arg.kind === 'number' && arg.set !== undefined) checkFlags(text, name, arg.set, written);
}

function isDescriptor(written: WrittenArg): boolean {
  return written.kind === 'word' && /^(-?\d+|AT_FDCWD)$/.test(written.text);
}

function checkFlags(text: string, name: string, set: FlagSet, written: WrittenArg): void {
  if (written.kind !== 'word') throw wrong(text, `its ${name} is a text`, 'write flags without quotes');
  const { members, field } = membersOf(set);
  const known = [...members, ...(field?.members ?? [])].map(([flag]): string => flag);
  for (const flag of written.text.split('|').map((part) => part.trim())) {
    if (/^-?(0x[0-9a-f]+|\d+)$/i.test(flag) || known.includes(flag)) continue;
    // strace takes some constants for flags that do not belong to the set.
    if (constantIn('x86_64', flag as ConstantName) !== undefined) continue;
    const nearest = nearestName(flag, known);
    throw wrong(
      text,
      `${JSON.stringify(flag)} is no flag of its ${name}`,
      nearest === undefined ? known.slice(0, 8).join(', ') : `did you mean ${nearest}?`,
    );
  }
}

function wrong(text: string, because: string, suggestion: string): RscError {
  return new RscError('RSC_OPTION_INVALID', `cannot explain ${text}: ${because}`, suggestion);
}
