import { join } from 'node:path';
import type { Probes } from '@rsc/core/doctor/machine';
import type { ClaimMachine } from '@rsc/core/tracer/claims';
import type { Kernel, Wire } from '@rsc/core/tracer/kernel';
import type { Sockets } from '@rsc/core/transport/sockets';
import { RscError } from '@rsc/core/errors';
import nodeGypBuild from 'node-gyp-build';

type Native = Kernel & Wire & Sockets & ClaimMachine & Probes;

/** The machine, as the native addon gives it. Loaded when it is first asked for. Throws RSC_NATIVE_MISSING. */
export function native(): Native {
  return (loaded ??= load());
}

let loaded: Native | undefined;

function load(): Native {
  try {
    return nodeGypBuild(join(__dirname, '..')) as Native;
  } catch (cause) {
    throw new RscError(
      'RSC_NATIVE_MISSING',
      `cannot load the native addon of rsc: ${cause instanceof Error ? cause.message : String(cause)}`,
      'build it: make build',
      { cause },
    );
  }
}
