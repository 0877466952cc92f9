import type * as CborX from 'cbor-x' with { 'resolution-mode': 'import' };

/* cbor-x declares its types for ES modules alone; it has a CommonJS build all the same. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { Encoder } = require('cbor-x') as typeof CborX;

/**
 * cbor-x as the profile of protocol.cddl needs it: plain byte strings (not RFC 8746 typed arrays), plain maps
 * (not records), and map lengths in their shortest form (its default reserves 16 bits).
 */
export const codec = new Encoder({
  tagUint8Array: false,
  useRecords: false,
  mapsAsObjects: true,
  variableMapSize: true,
});

/** An unsigned integer as cbor-x must be given it: it writes a number from 2^32 on as a float, a bigint as an integer. */
export function uint(value: number): number | bigint {
  return value > 0xffff_ffff ? BigInt(value) : value;
}
