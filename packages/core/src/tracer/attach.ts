import { errnoName } from '../abi/errno.js';
import { numberOf } from '../abi/lookup.js';
import { RscError } from '../errors.js';
import { CompiledPolicy } from '../policy/compile.js';
import type { Choice, Engine } from './choice.js';
import { claimAll, endClaims, sureVetoes, type Claimed } from './claiming.js';
import type { ClaimMachine } from './claims.js';
import { catchOf } from './engine.js';
import { isMachineError, type Kernel, type Wire } from './kernel.js';
import { arch, openTracer, type SessionChoices } from './opening.js';
import type { ReleaseEvents } from './release.js';
import type { PolicyEvents } from './reloading.js';
import { seizeThreads } from './seize.js';
import { settle } from './session.js';
import { cannot, type Target } from './target.js';
import type { Ending } from './ending.js';
import type { Tracer } from './tracer.js';

/** A running process whose calls shall be executed on a server. */
export interface AttachOptions extends SessionChoices {
  /** As `examine` found it. */
  readonly target: Target;
  /** Whether the process is let go even where it loses what it has on the server. */
  readonly force: boolean;
}

/** What an attachment tells while it goes on. */
export interface AttachEvents extends ReleaseEvents, PolicyEvents {
  /** A server is there, and the process, of which nothing has been touched yet, is about to be traced. */
  reached(): void;
  /** All threads of the process are traced, and its calls are caught by this engine. */
  attached(engine: Engine): void;
  warn(line: string): void;
}

/**
 * Executes the calls of a running process on a server, and those of the children that it makes from now on, until it has ended
 * or is let go; returns how it ended, if it did. The calling thread serves nothing else meanwhile. Throws RscError: the
 * process then goes on by itself.
 */
export function attach(
  machine: Kernel & Wire & ClaimMachine,
  options: AttachOptions,
  events: AttachEvents,
): Ending | undefined {
  const { target } = options;
  const policy = new CompiledPolicy(options.policy);
  const claimed = claimFor(machine, options, policy, events.warn);
  const engine: Choice = { ...options.engine, engine: claimed ? 'ebpf' : 'ptrace' };
  const { tracer, stepper, channel } = openTracer(machine, { ...options, engine }, policy, events);
  try {
    prepare(tracer, target);
    stepper.post(0, { number: numberOf(arch, 'umask'), args: [BigInt(target.umask)] });
    events.reached();
    const tids = seizeThreads(machine, target.pid);
    const { force } = options;
    const catching = catchOf(arch, [policy], engine.engine, 'stop', claimed);
    const attached = (): void => {
      events.attached(engine.engine);
    };
    tracer.adoptRunning({ target, tids, catching, force }, { ...events, attached });
    return serve(tracer);
  } finally {
    if (claimed) endClaims(claimed, events.warn);
    if (stepper.hasPosted && !channel.isLost) settle(channel);
    machine.hangUp(channel.socket);
  }
}

/** Undefined where the engine is ptrace, as it was asked for or as no other one works. */
function claimFor(
  machine: ClaimMachine,
  { engine: { engine, mayFallBack }, exec }: AttachOptions,
  policy: CompiledPolicy,
  warn: (line: string) => void,
): Claimed | undefined {
  if (engine !== 'ebpf') return undefined;
  try {
    const wanted = { arch, policy, exec, endWithTracer: false } as const;
    return claimAll(machine, wanted, mayFallBack ? sureVetoes : undefined);
  } catch (error) {
    if (!(error instanceof RscError) || !mayFallBack) throw error;
    warn(`rsc: warning: took the engine ptrace: ${error.message}`);
    return undefined;
  }
}

function prepare(tracer: Tracer, { pid }: Target): void {
  try {
    tracer.prepare();
  } catch (cause) {
    if (!isMachineError(cause)) throw cause;
    throw cannot(
      pid,
      `${cause.step} returned ${errnoName(cause.errno)}`,
      'see what is missing: rsc doctor',
      cause,
    );
  }
}

function serve(tracer: Tracer): Ending | undefined {
  try {
    return tracer.run();
  } catch (error) {
    tracer.abandon();
    throw error;
  }
}
