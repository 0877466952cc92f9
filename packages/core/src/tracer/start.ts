import { RscError } from '../errors.js';
import { errno, errnoName, errnoText } from '../abi/errno.js';
import { numberOf } from '../abi/lookup.js';
import { CompiledPolicy } from '../policy/compile.js';
import type { Policy } from '../policy/policy.js';
import type { Address } from '../transport/address.js';
import { Context } from './calls/context.js';
import { filterFor } from './engine.js';
import { isMachineError, type Kernel, type MachineFailure, type Wire } from './kernel.js';
import { Marshaller } from './marshal.js';
import { latin1, resolve } from './paths.js';
import { TRACE_OPTIONS } from './ptrace.js';
import { Router } from './router.js';
import { callOnce, openSession } from './session.js';
import { Stepper } from './steps.js';
import { Tracer, type Ending } from './tracer.js';
import { warnOnce } from './warn.js';

/** A program to run with its calls executed on a server. */
export interface RunOptions {
  /** Resolved: a TCP host is a numeric address. */
  readonly address: Address;
  readonly token: string | undefined;
  /** Which calls are remote, and which are denied. */
  readonly policy: Policy;
  /** The program's file, an absolute local path. */
  readonly file: string;
  readonly argv: readonly string[];
  /** NAME=value */
  readonly env: readonly string[];
  /** The remote working directory; undefined: `localDirectory` if the server has it, else its root. */
  readonly directory: string | undefined;
  /** The working directory of this machine, in which the program starts. */
  readonly localDirectory: string;
}

/** What a run tells while it goes on. */
export interface RunEvents {
  /** The program's process exists. */
  started(pid: number): void;
  warn(line: string): void;
}

const arch = 'x86_64';

/**
 * Runs a program to its end, in the calling thread, which serves nothing else meanwhile. Throws RscError: the program has
 * then not run, or has been ended without a wrong answer.
 */
export function run(machine: Kernel & Wire, options: RunOptions, events: RunEvents): Ending {
  const policy = new CompiledPolicy(options.policy);
  const channel = openSession(machine, { address: options.address, arch, token: options.token });
  const marshaller = new Marshaller(machine);
  const stepper = new Stepper(machine, marshaller, channel, arch);
  const context = new Context(stepper, new Router(policy), warnOnce(events.warn));
  const tracer = new Tracer({ kernel: machine, channel, stepper, context, warn: events.warn });

  const enter = (path: string) =>
    callOnce(channel, marshaller, { number: numberOf(arch, 'chdir'), args: [], strings: [[0, path]] });
  const directory = startDirectory(options, policy, enter);
  const spawned = spawn(machine, tracer, options, filterFor(arch, policy));
  tracer.adopt(spawned.pid, options.file, directory);
  events.started(spawned.pid);
  try {
    const ending = tracer.run();
    const failure = machine.readFailure(spawned.report);
    if (failure) throw notExecuted(options.file, failure);
    return ending;
  } catch (error) {
    const waiting = tracer.waiting();
    tracer.endAll();
    throw error instanceof RscError && error.code === 'RSC_CONNECTION_LOST'
      ? inMidCall(error, waiting)
      : error;
  } finally {
    machine.hangUp(channel.socket);
  }
}

/** The remote directory, in latin1, where the program starts; undefined: it starts where it is. */
function startDirectory(
  { directory, localDirectory, file }: RunOptions,
  policy: CompiledPolicy,
  enter: (path: string) => bigint,
): string | undefined {
  if (!policy.selection.names.has('chdir')) return undefined;
  const isRemote = (path: string) =>
    policy.rulesFor('chdir').decide(latin1(file), path, 0).route === 'remote';
  if (directory === undefined) {
    const here = latin1(localDirectory);
    if (!isRemote(here)) return undefined;
    if (enter(here) === 0n) return here;
    return isRemote('/') ? '/' : undefined;
  }
  const there = latin1(directory);
  if (!isRemote(resolve('/', there))) {
    throw new RscError(
      'RSC_OPTION_INVALID',
      `cannot start in ${directory} on the server: the policy does not have that directory there`,
      'name a directory whose path the policy makes remote: --cwd DIR',
    );
  }
  const result = enter(there);
  if (result === 0n) return there;
  throw new RscError(
    'RSC_ROOT_INVALID',
    `cannot start in ${directory} on the server: chdir returned ${errnoName(Number(-result))}`,
    'name a directory that the server has: --cwd DIR',
  );
}

function spawn(machine: Kernel, tracer: Tracer, { file, argv, env }: RunOptions, filter: Buffer) {
  try {
    tracer.prepare();
    return machine.spawn(file, argv, env, filter, TRACE_OPTIONS);
  } catch (cause) {
    if (!isMachineError(cause)) throw cause;
    if (cause.step !== 'ptrace') {
      throw new RscError(
        'RSC_PTRACE_DENIED',
        `cannot start ${file}: ${cause.step} returned ${errnoName(cause.errno)}`,
      );
    }
    throw new RscError(
      'RSC_PTRACE_DENIED',
      `cannot trace ${file}: ptrace returned ${errnoName(cause.errno)}`,
      'run rsc where ptrace is allowed: not under another tracer, and in a container with CAP_SYS_PTRACE',
      { cause },
    );
  }
}

function notExecuted(file: string, { step, errno: number }: MachineFailure): RscError {
  if (step !== 'execve') {
    return new RscError(
      'RSC_SECCOMP_DENIED',
      `cannot catch the calls of ${file}: ${step} returned ${errnoName(number)}`,
      'run rsc where seccomp filters are allowed',
    );
  }
  const code = number === errno.ENOENT ? 'RSC_PROGRAM_NOT_FOUND' : 'RSC_PROGRAM_NOT_EXECUTABLE';
  return new RscError(code, `cannot run ${file}: ${errnoText(number)}`);
}

function inMidCall(
  error: RscError,
  waiting: readonly { readonly pid: number; readonly call: string }[],
): RscError {
  const calls = waiting.map(({ pid, call }) => `${call} of process ${pid}`).join(', ');
  return new RscError(
    error.code,
    calls === '' ? error.message : `${error.message}, in ${calls}`,
    'the program was ended, because its calls have no answer; run it again when the server is back',
    { cause: error },
  );
}
