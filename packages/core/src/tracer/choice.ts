/** Which engine a run takes. Apart from the table, which takes long to load. */
import { RscError } from '../errors.js';
import { isAtLeast } from '../release.js';

/**
 * The ways to catch calls. Two install a seccomp filter: with `notify` it tells the tracer of most calls by a notice, which
 * is quick; with `seccomp` every caught call is a ptrace stop. With `ptrace` every call of any kind has two stops, and
 * nothing is installed. With `ebpf` programs in the kernel claim the calls that concern the server, by what only they
 * see: paths and descriptors; with `hybrid` they do so for calls without an effect here, and a filter catches the others.
 */
export const engines = ['notify', 'seccomp', 'ptrace', 'ebpf', 'hybrid'] as const;
export type Engine = (typeof engines)[number];

/** What `rsc run` uses, and why. */
export interface Choice {
  readonly engine: Engine;
  readonly because: string;
  /** Whether another engine may be taken where this one turns out not to work. */
  readonly mayFallBack: boolean;
  /** How a filter, if there is one, catches most calls. */
  readonly filter: 'notify' | 'stop';
}

/**
 * The first release that keeps an answer which is sent while a signal comes (kernel/seccomp.c: should_sleep_killable counts
 * SECCOMP_NOTIFY_REPLIED). With others a call could be made twice.
 */
const KEEPS_ANSWERS = [6, 18] as const;

/**
 * The engine for `wanted`, `auto` or the name of one, on a kernel of this release (uname -r). Throws RSC_OPTION_INVALID
 * for other words, RSC_ENGINE_UNAVAILABLE when the kernel lacks what it needs.
 */
export function chooseEngine(wanted: string, release: string): Choice {
  const notifies = isAtLeast(release, KEEPS_ANSWERS);
  const filter = notifies ? 'notify' : 'stop';
  if (wanted === 'auto') {
    return notifies
      ? {
          engine: 'notify',
          because: `Linux ${release} tells of calls by notices`,
          mayFallBack: true,
          filter,
        }
      : {
          engine: 'seccomp',
          because: `Linux ${release} may lose answers to notices`,
          mayFallBack: false,
          filter,
        };
  }
  const asked = { because: 'it was asked for', mayFallBack: false } as const;
  if (wanted === 'seccomp' || wanted === 'ptrace') return { engine: wanted, ...asked, filter: 'stop' };
  if (wanted === 'ebpf' || wanted === 'hybrid') return { engine: wanted, ...asked, filter };
  if (wanted !== 'notify') {
    throw new RscError(
      'RSC_OPTION_INVALID',
      `there is no engine named ${JSON.stringify(wanted)}`,
      `the engines are auto, ${engines.join(', ')}`,
    );
  }
  if (notifies) return { engine: 'notify', ...asked, filter };
  throw new RscError(
    'RSC_ENGINE_UNAVAILABLE',
    `cannot use the engine notify: Linux ${release} may lose answers to notices`,
    'use Linux 6.18 or newer, or --engine seccomp',
  );
}

/** What `auto` takes for a running process: ebpf where it keeps all calls that are caught from their effect here. */
export const attachChoices = {
  ebpf: {
    engine: 'ebpf',
    because: 'calls that do not concern the server do not stop, and nothing is left behind',
    mayFallBack: true,
    filter: 'stop',
  },
  ptrace: {
    engine: 'ptrace',
    because: 'a seccomp filter could not be removed when the process is let go',
    mayFallBack: false,
    filter: 'stop',
  },
} as const satisfies Readonly<Record<string, Choice>>;

/** Since this release programs at the entry of calls may be left out where another task has been preempted (decision 15). */
const LEAVES_OUT = [7, 0] as const;

/** Whether a kernel of this release claims each call that is to be claimed, whatever else goes on. */
export function claimsSurely(release: string): boolean {
  return !isAtLeast(release, LEAVES_OUT);
}

/** The engine for a running process, on a kernel of this release. Whether ebpf works turns out when it is tried. */
export function chooseForAttach(wanted: 'auto' | 'ebpf' | 'ptrace', release: string): Choice {
  if (wanted === 'auto') return attachChoices[claimsSurely(release) ? 'ebpf' : 'ptrace'];
  return { ...attachChoices[wanted], because: 'it was asked for', mayFallBack: false };
}
