/** Opens a session and makes the tracer that works on it. */
import type { CompiledPolicy } from '../policy/compile.js';
import type { Policy } from '../policy/policy.js';
import type { Address } from '../transport/address.js';
import { Context } from './calls/context.js';
import type { Channel } from './channel.js';
import type { Choice } from './choice.js';
import type { Kernel, Wire } from './kernel.js';
import type { Exec } from './local-paths.js';
import type { OnLoss } from './loss.js';
import { Marshaller } from './marshal.js';
import { Meter } from './meter.js';
import type { PolicyEvents } from './reloading.js';
import { Router } from './router.js';
import { openSession } from './session.js';
import { Stepper } from './steps.js';
import { Tracer } from './tracer.js';
import { warnOnce } from './warn.js';

/** What a user chooses of a session. */
export interface SessionChoices {
  /** Resolved: a TCP host is a numeric address. */
  readonly address: Address;
  readonly token: string | undefined;
  /** Which calls are remote, and which are denied. */
  readonly policy: Policy;
  /** Where programs come from. */
  readonly exec: Exec;
  /** How calls are caught. */
  readonly engine: Choice;
  /** What becomes of the tracees when the connection is lost. */
  readonly onLoss: OnLoss;
  /** Where calls are counted (meter.ts). */
  readonly meter: SharedArrayBuffer;
  /** Where the operator leaves wishes (wish.ts). */
  readonly wishes: Int32Array;
}

/** The architecture whose calls the tracer knows. */
export const arch = 'x86_64';

/** A tracer without tracees, and what it works with. */
export interface Opened {
  readonly tracer: Tracer;
  readonly stepper: Stepper;
  readonly channel: Channel;
  readonly marshaller: Marshaller;
}

/** Throws RscError as openSession does. */
export function openTracer(
  machine: Kernel & Wire,
  { address, token, exec, engine, onLoss, meter, wishes }: SessionChoices,
  policy: CompiledPolicy,
  events: PolicyEvents & { warn(line: string): void },
): Opened {
  const warn = (line: string): void => {
    events.warn(line);
  };
  const channel = openSession(machine, { address, arch, token });
  const marshaller = new Marshaller(machine);
  const stepper = new Stepper(machine, marshaller, channel, arch);
  const addsFilters = engine.engine !== 'ptrace' && engine.engine !== 'ebpf';
  const context = new Context(stepper, new Router(policy, exec), warnOnce(warn), addsFilters);
  const tracer = new Tracer({
    kernel: machine,
    channel,
    stepper,
    context,
    onLoss,
    warn,
    meter: new Meter(meter),
    wishes,
    events,
  });
  return { tracer, stepper, channel, marshaller };
}
