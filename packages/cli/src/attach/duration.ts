import { RscError } from '@rsc/core/errors';

/** Milliseconds of a unit, as sleep(1) has them. */
const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
/** What a timer of Node can wait (setTimeout). */
const MAX_MS = 0x7fff_ffff;

/** `90`, `90s`, `1.5m` or `2h` in milliseconds. Throws RSC_OPTION_INVALID. */
export function parseDuration(text: string): number {
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)([smh])?$/.exec(text) ?? [];
  const ms = Math.round(Number(number) * (units[unit] ?? NaN));
  if (number !== '' && ms <= MAX_MS) return ms;
  throw new RscError(
    'RSC_OPTION_INVALID',
    `${JSON.stringify(text)} is not a time, or more than 24 days`,
    'write seconds, or a number with s, m or h: --detach-after 90s',
  );
}
