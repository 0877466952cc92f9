import type { Arch } from './constants.js';
import { structs } from './structs.generated.js';

/** The structs and scalars that arguments point to. */
export type StructName = keyof (typeof structs)['x86_64'];

/** Where a field is: its offset and size in bytes, and whether it is signed. */
export type Field = readonly [offset: number, size: number, signed: boolean];

interface Layout {
  readonly size: number;
  readonly fields: Readonly<Record<string, Field>>;
}

/** The size in bytes. */
export function structSize(name: StructName, arch: Arch = 'x86_64'): number {
  return structs[arch][name].size;
}

/** The size in bytes and the fields that are known by name. */
export function layoutOf(name: StructName, arch: Arch = 'x86_64'): Layout {
  return structs[arch][name];
}

/** The field of a struct that begins at the start of `bytes`; undefined where it has none of that name. */
export function fieldOf(
  bytes: Buffer,
  name: StructName,
  field: string,
  arch: Arch = 'x86_64',
): bigint | undefined {
  const known = layoutOf(name, arch).fields[field];
  if (known === undefined) return undefined;
  const [offset, size, signed] = known;
  if (size === 8) return signed ? bytes.readBigInt64LE(offset) : bytes.readBigUInt64LE(offset);
  return BigInt(signed ? bytes.readIntLE(offset, size) : bytes.readUIntLE(offset, size));
}
