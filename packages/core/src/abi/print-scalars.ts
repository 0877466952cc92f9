/** Numbers, flags and text as strace prints them. */
import { constant, type Arch } from './constants.js';
import { membersOf, type FlagSet } from './flags.js';

/** An address: NULL, or in hexadecimal. */
export function printAddress(addr: bigint): string {
  return addr === 0n ? 'NULL' : `0x${addr.toString(16)}`;
}

/** A mode's permission bits, always with a leading zero and at least three digits. */
export function printMode(mode: number, arch: Arch): string {
  const type = mode & constant('S_IFMT', arch);
  const name = membersOf('S_IF', arch).members.find(([, value]) => value === type)?.[0];
  if (name === undefined) return octal(mode);
  const special = (['S_ISUID', 'S_ISGID', 'S_ISVTX'] as const).filter((bit) => mode & constant(bit, arch));
  const permissions = special.reduce((rest, bit) => rest & ~constant(bit, arch), mode & ~type);
  return [name, ...special, octal(permissions)].join('|');
}

export function octal(value: number): string {
  return `0${value.toString(8).padStart(2, '0')}`;
}

/** A scalar with the names of its set: `O_RDONLY|O_CLOEXEC`, `SEEK_SET`, and what has no name in hexadecimal. */
export function printFlags(value: bigint, set: FlagSet, arch: Arch): string {
  const { style, members, field } = membersOf(set, arch);
  if (style === 'one') return printOne(value, set, arch);
  const names: string[] = [];
  let rest = value;
  if (field !== undefined) {
    const part = value & BigInt(field.mask);
    const name = field.members.find(([, member]) => BigInt(member) === part)?.[0];
    if (name !== undefined) {
      names.push(name);
      rest &= ~part;
    }
  }
  // The low byte of clone(2)'s flags is a signal.
  const signal = set === 'CLONE_' ? value & BigInt(constant('CSIGNAL', arch)) : 0n;
  rest &= ~signal;
  for (const [name, member] of members) {
    const bits = BigInt.asUintN(64, BigInt(member));
    if (bits === 0n || (rest & bits) !== bits) continue;
    names.push(name);
    rest &= ~bits;
  }
  if (signal !== 0n) names.push(printOne(signal, 'SIG', arch));
  if (rest !== 0n) names.push(`0x${rest.toString(16)}${names.length === 0 ? ` /* ${question(set)} */` : ''}`);
  if (names.length > 0) return names.join('|');
  return members.find(([, member]) => member === 0)?.[0] ?? '0';
}

function printOne(value: bigint, set: FlagSet, arch: Arch): string {
  const number = BigInt.asUintN(32, value);
  const known = membersOf(set, arch).members.find(
    ([, member]) => BigInt.asUintN(32, BigInt(member)) === number,
  );
  if (known !== undefined) return known[0];
  if (set === 'SIG' && number === 0n) return '0';
  return set === 'ioctl' ? printRequest(value) : `0x${number.toString(16)} /* ${question(set)} */`;
}

/** Bytes between quotes, with the escapes of C; `limit` bytes of them at most, then `...`. */
export function printBytes(bytes: Uint8Array, limit = Infinity): string {
  let text = '';
  const shown = bytes.subarray(0, Math.min(bytes.length, limit));
  shown.forEach((byte, index) => (text += escape(byte, shown[index + 1])));
  return `"${text}"${bytes.length > limit ? '...' : ''}`;
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\v': '\\v',
  '\f': '\\f',
};

function escape(byte: number, next: number | undefined): string {
  const character = String.fromCharCode(byte);
  const known = escapes[character];
  if (known !== undefined) return known;
  if (byte >= 0x20 && byte < 0x7f) return character;
  const digits = byte.toString(8);
  // A digit behind a short escape would become a part of it.
  const isDigit = next !== undefined && next >= 0x30 && next <= 0x37;
  return `\\${isDigit ? digits.padStart(3, '0') : digits}`;
}

/** A request that has no name, in the parts that linux/ioctl.h makes of it. */
function printRequest(value: bigint): string {
  const request = Number(BigInt.asUintN(32, value));
  const direction = ['_IOC_NONE', '_IOC_WRITE', '_IOC_READ', '_IOC_READ|_IOC_WRITE'][request >>> 30] ?? '';
  const hex = (part: number) => (part === 0 ? '0' : `0x${part.toString(16)}`);
  const parts = [(request >>> 8) & 0xff, request & 0xff, (request >>> 16) & 0x3fff];
  return `_IOC(${[direction, ...parts.map(hex)].join(', ')})`;
}

function question(set: FlagSet): string {
  if (set === 'R_OK') return '?_OK';
  return set.endsWith('_') ? `${set}???` : `${set.replace(/_?[A-Z]*$/, '')}_???`.replace(/^_/, '');
}
