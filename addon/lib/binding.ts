import { join } from 'node:path';
import type { Kernel, Wire } from '@rsc/core/tracer/kernel';
import { RscError } from '@rsc/core/errors';
import nodeGypBuild from 'node-gyp-build';

/** The machine, as the native addon gives it. Loaded when it is first asked for. Throws RSC_NATIVE_MISSING. */
export function native(): Kernel & Wire {
  return (loaded ??= load());
}

let loaded: (Kernel & Wire) | undefined;

function load(): Kernel & Wire {
  try {
    return nodeGypBuild(join(__dirname, '..')) as Kernel & Wire;
  } catch (cause) {
    throw new RscError(
      'RSC_NATIVE_MISSING',
      `cannot load the native addon of rsc: ${cause instanceof Error ? cause.message : String(cause)}`,
      'build it: make build',
      { cause },
    );
  }
}
