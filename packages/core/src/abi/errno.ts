import { errors } from './errno.generated.js';

export type ErrnoName = keyof typeof errors;

const byName = Object.entries(errors) as [ErrnoName, { readonly number: number; readonly text: string }][];
// EWOULDBLOCK and EDEADLOCK are second names of a number: the first one stays.
const names = new Map<number, ErrnoName>(byName.toReversed().map(([name, { number }]) => [number, name]));

/** The number of each error: `errno.ENOENT`. */
export const errno = Object.freeze(
  Object.fromEntries(byName.map(([name, { number }]) => [name, number])),
) as Readonly<Record<ErrnoName, number>>;

/** The name of a (positive) error number, or the number in words where there is none. */
export function errnoName(number: number): string {
  return names.get(number) ?? `errno ${number}`;
}

/** What strerror(3) says of a (positive) error number. */
export function errnoText(number: number): string {
  const name = names.get(number);
  return name === undefined ? `Unknown error ${number}` : errors[name].text;
}

const MAX_ERRNO = 4095n;

/** Whether what a call returned is a negated errno: addresses may be negative too (IS_ERR_VALUE in linux/err.h). */
export function isError(result: bigint): boolean {
  return result < 0n && result >= -MAX_ERRNO;
}
