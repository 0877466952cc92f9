/** Starts the first tracee. */
import type { Arch } from '../abi/constants.js';
import { errno, errnoName, errnoText } from '../abi/errno.js';
import { RscError } from '../errors.js';
import type { CompiledPolicy } from '../policy/compile.js';
import type { Choice } from './choice.js';
import type { Claimed } from './claiming.js';
import { catchOf, type Catch } from './engine.js';
import { isMachineError, type Kernel, type MachineFailure } from './kernel.js';
import { END_WITH_TRACER, FOLLOW, STOP_AT_FILTERS } from './ptrace.js';

/** A program of this machine. */
export interface Program {
  readonly file: string;
  readonly argv: readonly string[];
  /** NAME=value */
  readonly env: readonly string[];
}

/** How its calls are to be caught. */
export interface Ways {
  readonly arch: Arch;
  /** What is caught for one of them is caught. */
  readonly policies: readonly CompiledPolicy[];
  readonly engine: Choice;
  /** What eBPF programs claim, where they do. */
  readonly claimed: Claimed | undefined;
}

/** The process of a program that is about to be executed, seized. */
export interface First {
  readonly pid: number;
  /** How its calls are caught, and whether notices tell of them. */
  readonly catching: Catch;
  readonly listens: boolean;
  /** Why the program could not be executed, if so; to be asked once, when it runs or has ended. */
  failure(): MachineFailure | undefined;
}

/** Starts a program; with another engine than the one that was chosen, where that is refused and the choice allows it. */
export function startFirst(
  machine: Kernel,
  program: Program,
  { arch, policies, engine, claimed }: Ways,
  warn: (line: string) => void,
): First {
  const first = spawn(machine, program, catchOf(arch, policies, engine.engine, filterOf(engine), claimed));
  if (first.listens || first.catching.told.size === 0) return first;
  const failure = first.failure();
  if (failure?.step !== 'seccomp' || !engine.mayFallBack) return { ...first, failure: () => failure };
  warn(
    `rsc: warning: took the engine seccomp: no notices can be had, as seccomp returned ${errnoName(failure.errno)}`,
  );
  return spawn(machine, program, catchOf(arch, policies, 'seccomp', 'stop', claimed));
}

/** How a filter tells of most calls: where stops were asked for, by stops. */
function filterOf({ engine, filter }: Choice): Choice['filter'] {
  return engine === 'seccomp' ? 'stop' : filter;
}

function spawn(machine: Kernel, { file, argv, env }: Program, catching: Catch): First {
  try {
    const { filter, told } = catching;
    const options = FOLLOW | END_WITH_TRACER | (filter.length > 0 ? STOP_AT_FILTERS : 0);
    const { pid, listens, report } = machine.spawn(file, argv, env, filter, options, told.size > 0);
    return { pid, listens, catching, failure: () => machine.readFailure(report) };
  } catch (cause) {
    if (!isMachineError(cause)) throw cause;
    throw cause.step === 'ptrace' ? notTraced(file, cause) : notStarted(file, cause);
  }
}

/** The error of a machine that cannot do what precedes every program. */
export function notStarted(file: string, cause: MachineFailure): RscError {
  return new RscError(
    'RSC_PTRACE_DENIED',
    `cannot start ${file}: ${cause.step} returned ${errnoName(cause.errno)}`,
  );
}

function notTraced(file: string, cause: MachineFailure): RscError {
  return new RscError(
    'RSC_PTRACE_DENIED',
    `cannot trace ${file}: ptrace returned ${errnoName(cause.errno)}`,
    'run rsc where ptrace is allowed: not under another tracer, and in a container with CAP_SYS_PTRACE',
    { cause },
  );
}

/** The error of a program that could not be executed. */
export function notExecuted(file: string, { step, errno: number }: MachineFailure): RscError {
  if (step !== 'execve') {
    return new RscError(
      'RSC_SECCOMP_DENIED',
      `cannot catch the calls of ${file}: ${step} returned ${errnoName(number)}`,
      number === errno.EBUSY
        ? 'run rsc where no filter has a listener already, or with --engine seccomp'
        : 'run rsc where seccomp filters are allowed, or with --engine ptrace',
    );
  }
  const code = number === errno.ENOENT ? 'RSC_PROGRAM_NOT_FOUND' : 'RSC_PROGRAM_NOT_EXECUTABLE';
  return new RscError(code, `cannot run ${file}: ${errnoText(number)}`);
}
