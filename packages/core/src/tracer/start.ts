import { constant } from '../abi/constants.js';
import { RscError } from '../errors.js';
import { errnoName } from '../abi/errno.js';
import { numberOf } from '../abi/lookup.js';
import { CompiledPolicy } from '../policy/compile.js';
import { policyOfSet } from '../policy/policy.js';
import { AT_FDCWD } from './call.js';
import { auditAll, claimAll, claimBest, endClaims, type Claimed } from './claiming.js';
import type { Tally } from './claims-kept.js';
import type { ClaimMachine } from './claims.js';
import { NO_LOCAL_IMAGE } from './calls/execute-remote.js';
import type { Engine } from './choice.js';
import { notExecuted, notStarted, startFirst } from './first.js';
import { isMachineError, type Kernel, type Wire } from './kernel.js';
import type { DirectCall } from './marshal.js';
import { arch, openTracer, type SessionChoices } from './opening.js';
import { latin1, resolve } from './paths.js';
import { keptHere, type PolicyEvents } from './reloading.js';
import { callOnce, settle } from './session.js';
import type { Ending } from './ending.js';
import type { Tracer } from './tracer.js';

/** A program to run with its calls executed on a server. */
export interface RunOptions extends SessionChoices {
  /** The program's file: an absolute local path, or where programs are remote its name, to be found on the server. */
  readonly file: string;
  readonly argv: readonly string[];
  /** NAME=value */
  readonly env: readonly string[];
  /** The remote working directory; undefined: `localDirectory` if the server has it, else its root. */
  readonly directory: string | undefined;
  /** The working directory of this machine, in which the program starts. */
  readonly localDirectory: string;
  /** What a policy that is loaded later may speak of besides: the filter catches these calls too. */
  readonly reloadable: string | undefined;
  /** Whether it is counted which calls run here though they concern the server. */
  readonly audited: boolean;
}

/** What a run tells while it goes on. */
export interface RunEvents extends PolicyEvents {
  /** The program's process exists, and its calls are caught by this engine. */
  started(pid: number, engine: Engine): void;
  warn(line: string): void;
  /** What has been counted, of a run that is audited, when it has ended. */
  audited(tally: Tally): void;
}

/** What execvp(3) searches when the environment names no PATH (confstr(3), _CS_PATH). */
const DEFAULT_PATH = '/bin:/usr/bin';

/**
 * Runs a program to its end, in the calling thread, which serves nothing else meanwhile. Throws RscError: the program has
 * then not run, or has been ended without a wrong answer.
 */
export function run(machine: Kernel & Wire & ClaimMachine, options: RunOptions, events: RunEvents): Ending {
  const policy = new CompiledPolicy(options.policy);
  if (options.exec === 'remote') mustChoose(policy);
  const { warn } = events;
  const { tracer, stepper, channel, marshaller } = openTracer(machine, options, policy, events);

  const enter = (path: string) =>
    callOnce(channel, marshaller, { number: numberOf(arch, 'chdir'), args: [], strings: [[0, path]] });
  const isThere = options.exec === 'remote';
  const directory = startDirectory(options, policy, enter);
  const file = isThere ? findThere(options, (call) => callOnce(channel, marshaller, call)) : options.file;
  prepare(tracer, file);
  const { engine } = options;
  const later = options.reloadable === undefined ? [] : [new CompiledPolicy(policyOfSet(options.reloadable))];
  const claimed = claimFor(machine, options, policy);
  const first = startFirst(
    machine,
    { ...options, file },
    { arch, policies: [policy, ...later], engine, claimed },
    warn,
  );
  tracer.adopt(first, isThere ? NO_LOCAL_IMAGE : file, directory);
  events.started(first.pid, first.catching.engine);
  try {
    const ending = tracer.run();
    if (stepper.hasPosted) settle(channel);
    const failure = first.failure();
    if (failure) throw notExecuted(file, failure);
    if (ending === undefined) throw new TypeError('the tracer ran without a first tracee');
    return ending;
  } catch (error) {
    const waiting = tracer.waiting();
    tracer.endAll();
    throw error instanceof RscError && error.code === 'RSC_CONNECTION_LOST'
      ? inMidCall(error, waiting)
      : error;
  } finally {
    if (claimed) {
      if (options.audited) events.audited(claimed.kept.tally());
      endClaims(claimed, warn);
    }
    machine.hangUp(channel.socket);
  }
}

function claimFor(
  machine: ClaimMachine,
  { engine: { engine }, exec, audited }: RunOptions,
  policy: CompiledPolicy,
): Claimed | undefined {
  const wanted = { arch, policy, exec, endWithTracer: true } as const;
  if (engine === 'ebpf') return claimAll(machine, wanted);
  if (engine === 'hybrid') return claimBest(machine, wanted);
  return audited ? auditAll(machine, wanted, engine === 'ptrace') : undefined;
}

function prepare(tracer: Tracer, file: string): void {
  try {
    tracer.prepare();
  } catch (cause) {
    throw isMachineError(cause) ? notStarted(file, cause) : cause;
  }
}

/** Programs can only come from the server where the calls are the server's by which they are found, read and loaded. */
function mustChoose(policy: CompiledPolicy): void {
  const missing = keptHere(policy);
  if (missing.length === 0) return;
  throw new RscError(
    'RSC_OPTION_INVALID',
    `cannot take programs from the server: ${missing.join(' and ')} ${missing.length === 1 ? 'stays' : 'stay'} here`,
    'choose the calls on paths as well: --syscalls file',
  );
}

/** The path of a program on the server as execvp(3) finds it, from the directory where the program starts. */
function findThere({ file, env }: RunOptions, ask: (call: DirectCall) => bigint): string {
  if (file.includes('/')) return file;
  const path = env.find((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) ?? DEFAULT_PATH;
  const args = [BigInt(AT_FDCWD), 0n, BigInt(constant('X_OK'))];
  const found = path
    .split(':')
    .map((directory) => `${directory === '' ? '.' : directory}/${file}`)
    .find((name) => ask({ number: numberOf(arch, 'faccessat'), args, strings: [[1, name]] }) === 0n);
  if (found !== undefined) return found;
  throw new RscError(
    'RSC_PROGRAM_NOT_FOUND',
    `cannot run ${file}: no such program in PATH on the server`,
    'name it by its path there, or run a program of this machine: --exec local',
  );
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
