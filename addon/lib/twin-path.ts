import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RscError } from '@rsc/core/errors';

/**
 * The twin executor of this package: the one that was built here, else the prebuilt one. node-gyp-build chooses the addon
 * in the same order, so both are of one build. Throws RSC_NATIVE_MISSING.
 */
export function twinPath(addon = join(__dirname, '..')): string {
  const places = [
    join(addon, 'build/Release/rsc-twin'),
    join(addon, 'prebuilds', `linux-${process.arch}`, 'rsc-twin'),
  ];
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new RscError(
    'RSC_NATIVE_MISSING',
    `cannot find the twin executor: neither ${places.join(' nor ')} exists`,
    'build it: make build',
  );
}
