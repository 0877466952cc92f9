/** Structs as strace prints them by default: their telling fields, then `...` where there are more. */
import { constant, type Arch } from './constants.js';
import type { FlagSet } from './flags.js';
import { printAddress, printBytes, printFlags, printMode } from './print-scalars.js';
import { fieldOf, layoutOf, structSize, type StructName } from './structs.js';

/** How a field is printed: as a number (hexadecimal, a mode, one that is left out when 0, text, an address), or with the names of a set. */
type Style = 'number' | 'hex' | 'mode' | 'modeIfAny' | 'text' | 'address' | { readonly set: FlagSet };

interface Shape {
  readonly fields: Readonly<Record<string, Style>>;
  /** There are fields that are not printed. */
  readonly more?: true;
}

const size = 'number';
const statShape: Shape = { fields: { st_mode: 'mode', st_size: size }, more: true };
const deviceShape: Shape = { fields: { st_mode: 'mode', st_rdev: 'number' }, more: true };
const termiosShape: Shape = {
  fields: { c_iflag: 'hex', c_oflag: 'hex', c_cflag: 'hex', c_lflag: 'hex' },
  more: true,
};

const shapes: Readonly<Partial<Record<StructName, Shape>>> = {
  stat: statShape,
  statx: {
    fields: {
      stx_mask: { set: 'STATX_' },
      stx_attributes: { set: 'STATX_ATTR_' },
      stx_mode: 'mode',
      stx_size: size,
    },
    more: true,
  },
  statfs: {
    fields: {
      f_type: 'hex',
      f_bsize: size,
      f_blocks: size,
      f_bfree: size,
      f_bavail: size,
      f_files: size,
      f_ffree: size,
      f_namelen: size,
      f_frsize: size,
      f_flags: 'hex',
    },
    more: true,
  },
  flock: { fields: { l_type: { set: 'F_LCK' }, l_whence: { set: 'SEEK_' }, l_start: size, l_len: size } },
  open_how: { fields: { flags: { set: 'O_' }, mode: 'modeIfAny', resolve: { set: 'RESOLVE_' } } },
  clone_args: {
    fields: { flags: { set: 'CLONE_' }, exit_signal: { set: 'SIG' }, stack: 'address' },
    more: true,
  },
  epoll_event: { fields: { events: 'hex', data: 'hex' } },
  timespec: { fields: { tv_sec: size, tv_nsec: size } },
  timeval: { fields: { tv_sec: size, tv_usec: size } },
  timezone: { fields: { tz_minuteswest: size, tz_dsttime: size } },
  utimbuf: { fields: { actime: size, modtime: size } },
  utsname: { fields: { sysname: 'text', nodename: 'text' }, more: true },
  sysinfo: { fields: { uptime: size, totalram: size, freeram: size, procs: size }, more: true },
  termios: termiosShape,
  termio: termiosShape,
  winsize: { fields: { ws_row: size, ws_col: size, ws_xpixel: size, ws_ypixel: size } },
  cachestat_range: { fields: { off: size, len: size } },
};

/** Two of a struct, one behind the other. */
const pairs: Readonly<Partial<Record<StructName, StructName>>> = {
  'timespec[2]': 'timespec',
  'timeval[2]': 'timeval',
  'u64[2]': 'u64',
};

const scalars: ReadonlySet<StructName> = new Set<StructName>(['int', 'char', 'long', 'loff_t', 'u64']);

/** The struct that begins at the start of `bytes`, undefined for one that is not known by its fields. */
export function printStruct(bytes: Buffer, name: StructName, arch: Arch): string | undefined {
  if (bytes.length < structSize(name, arch)) return undefined;
  if (scalars.has(name)) return `[${scalarIn(bytes, name, arch)}]`;
  const half = pairs[name];
  if (half !== undefined) {
    const print = (part: Buffer) =>
      scalars.has(half) ? String(scalarIn(part, half, arch)) : (printStruct(part, half, arch) ?? '');
    return `[${print(bytes)}, ${print(bytes.subarray(structSize(half, arch)))}]`;
  }
  const shape = shapeOf(bytes, name, arch);
  if (shape === undefined) return undefined;
  const fields = Object.entries(shape.fields).flatMap(([field, style]) => {
    if (style === 'modeIfAny' && fieldOf(bytes, name, field, arch) === 0n) return [];
    return [`${field}=${printField(bytes, name, field, style, arch)}`];
  });
  return `{${[...fields, ...(shape.more ? ['...'] : [])].join(', ')}}`;
}

function shapeOf(bytes: Buffer, name: StructName, arch: Arch): Shape | undefined {
  if (name !== 'stat') return shapes[name];
  return isDevice(Number(fieldOf(bytes, name, 'st_mode', arch) ?? 0n), arch) ? deviceShape : statShape;
}

/** Whether a mode is that of a device. */
export function isDevice(mode: number, arch: Arch): boolean {
  const type = mode & constant('S_IFMT', arch);
  return type === constant('S_IFCHR', arch) || type === constant('S_IFBLK', arch);
}

function printField(bytes: Buffer, name: StructName, field: string, style: Style, arch: Arch): string {
  if (style === 'text') return printText(bytes, name, field, arch);
  const value = fieldOf(bytes, name, field, arch) ?? 0n;
  if (field === 'st_rdev') return printDevice(value);
  if (typeof style === 'object') return printFlags(BigInt.asUintN(64, value), style.set, arch);
  if (style === 'mode' || style === 'modeIfAny') return printMode(Number(value), arch);
  if (style === 'hex') return value === 0n ? '0' : printAddress(value);
  return style === 'address' ? printAddress(value) : String(value);
}

function printText(bytes: Buffer, name: StructName, field: string, arch: Arch): string {
  const [offset, length] = layoutOf(name, arch).fields[field] ?? [0, 0, false];
  const text = bytes.subarray(offset, offset + length);
  const end = text.indexOf(0);
  return printBytes(end < 0 ? text : text.subarray(0, end));
}

/** Major and minor number, as linux/kdev_t.h packs them for programs (new_encode_dev). */
export function printDevice(device: bigint): string {
  const number = Number(device);
  const major = (number >>> 8) & 0xfff;
  const minor = (number & 0xff) | ((number >>> 12) & 0xfff00);
  return `makedev(0x${major.toString(16)}, 0x${minor.toString(16)})`.replaceAll('0x0', '0');
}

function scalarIn(bytes: Buffer, name: StructName, arch: Arch): bigint | number {
  switch (structSize(name, arch)) {
    case 1:
      return bytes.readInt8();
    case 4:
      return bytes.readInt32LE();
    default:
      return name === 'u64' ? bytes.readBigUInt64LE() : bytes.readBigInt64LE();
  }
}
