import { expect } from 'chai';
import { rowFor, type Described } from '@rsc/core/abi/lookup';
import { printCall } from '@rsc/core/abi/print';
import type { Arg } from '@rsc/core/abi/vocabulary';
import { corpus, cureForCorpus } from './corpus';
import { differences, reordered } from './differences';
import { lineIn } from './line';
import type { RecordedCall } from './recording';

/** F_GETLK and its like: strace prints what came back, of all others what went in. */
const answered = /^fcntl F_(OFD_)?GETLK$/;
const unfinished = / <unfinished \.\.\.>/;

/** Without what strace adds: how many entries, which date, the process that holds a lock. */
function bare(text: string): string {
  return text
    .replace(/ \/\* (\d+ entries|\d{4}-\S+|TC\?\?\?|\d+ vars) \*\//g, '')
    .replace(/, l_pid=-?\d+/, '')
    .replaceAll('18446744073709551615', '-1');
}

/** Without what strace adds to a result: which descriptors, which flags. */
function bareResult(text: string): string {
  return text.replace(/^(?!-1 |\? )(\S+) \(.*\)$/, '$1');
}

/** One side of what went in and what came out. */
function sideOf(text: string, row: string): string {
  const [before = '', after = before] = text.split(' => ');
  return answered.test(row) ? after : before;
}

/** Whether two numbers are the same in as many bits as the argument has, however they are written. */
function isSameNumber(a: string, b: string, arg: Arg): boolean {
  const [one, other] = [a, b].map((text) => (text === 'NULL' ? '0' : text));
  if (!/^-?\w+$/.test(one ?? '') || !/^-?\w+$/.test(other ?? '')) return false;
  try {
    const bits = arg.kind === 'number' ? arg.bits : 64;
    return BigInt.asUintN(bits, BigInt(one ?? '')) === BigInt.asUintN(bits, BigInt(other ?? ''));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function isSame(ours: string, theirs: string, arg: Arg): boolean {
  // Where two subsystems have given one number a meaning, strace names both.
  if (ours === theirs || theirs.split(' or ').includes(ours) || isSameNumber(ours, theirs, arg)) return true;
  return arg.kind === 'addr' && ours !== 'NULL';
}

/** Of a struct that goes both ways strace shows nothing but the address, where the call has failed. */
function isNotShown(text: string, arg: Arg, { args, result }: RecordedCall, index: number): boolean {
  const failed = result !== undefined && result < 0n;
  const isBoth = arg.kind === 'struct' && arg.direction === 'inout';
  return failed && isBoth && text === `0x${(args[index] ?? 0n).toString(16)}`;
}

const nameOf = ({ name, variant }: Described) => (variant === undefined ? name : `${name} ${variant}`);

/** What rsc prints of a call, where strace prints something else. */
function* differing(call: RecordedCall, used: Set<string>): Generator<string> {
  const found = rowFor('x86_64', call.number, (index) => call.args[index] ?? 0n);
  const theirs = lineIn(call.line.replace(unfinished, ''));
  if (found === undefined) return yield `no row: ${call.line}`;
  // A call that is younger than strace has its number for a name, and registers for arguments.
  if (theirs.name === `syscall_0x${call.number.toString(16)}`) return;
  const row = nameOf(found);
  const { args, result } = call;
  const printed = printCall({ ...found, args, result }, call.after, { before: call.before });
  const ours = lineIn(printed);
  const told = `${call.line}\n  is printed as\n  ${printed}`;
  if (ours.name !== theirs.name) yield `${row}: name: ${told}`;
  if (bareResult(ours.result) !== bareResult(theirs.result)) yield `${row}: result: ${told}`;
  if (row in reordered) return void used.add(row);
  if (ours.args.length !== theirs.args.length && !unfinished.test(call.line))
    return yield `${row}: how many arguments: ${told}`;
  for (const [index, text] of theirs.args.entries()) {
    const [arg, name] = [found.row.order[index], `${row} ${found.row.names[index]}`];
    if (arg === undefined || isSame(sideOf(bare(ours.args[index] ?? ''), row), sideOf(bare(text), row), arg))
      continue;
    if (isNotShown(text, arg, call, index)) continue;
    if (name in differences) used.add(name);
    else if (!isUnfinished(text)) yield `${name}: ${told}`;
  }
}

/** What a call that was cut short did not get to print. */
function isUnfinished(text: string): boolean {
  return text.trim() === '';
}

describe('rsc prints the calls of the guest programs as strace does', function () {
  this.timeout(120_000);
  const cure = cureForCorpus();
  if (cure !== undefined) {
    it(`with names, arguments and results (needs: ${cure})`);
    return;
  }

  const used = new Set<string>();

  it('with names, arguments and results', async () => {
    const calls = (await corpus()).flatMap(({ threads }) => threads.flat());
    expect(calls.length).to.be.greaterThan(10_000);
    const first = new Map<string, string>();
    for (const line of calls.flatMap((call) => [...differing(call, used)])) {
      const key = line.slice(0, line.indexOf(':'));
      if (!first.has(key)) first.set(key, line);
    }
    expect([...first.values()].join('\n')).to.equal('');
  });

  it('but for what is listed, which does differ', () => {
    const listed = [...Object.keys(differences), ...Object.keys(reordered)];
    expect(listed.filter((name) => !used.has(name))).to.deep.equal([]);
  });
});
