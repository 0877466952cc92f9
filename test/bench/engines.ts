import { worksHere } from '../e2e/engines';
import { guest } from '../e2e/places';
import { Talk } from '../e2e/talk';
import { medians } from './samples';
import { time, type Measurement } from './table';

/** What engines are measured with. */
export interface Bench {
  /** The command that runs a program under rsc. */
  under(options: string[], ...command: string[]): string[];
  /** The command that runs it without. */
  readonly launcher: readonly string[];
  /** Nanoseconds of a raw round trip, and of getppid without rsc. */
  readonly roundTrip: number;
  readonly native: number;
}

/** Calls that getppid is not one of. Where no program can refuse calls, ebpf takes only those that have no effect here. */
const others = { seccomp: 'file', ptrace: 'file', hybrid: 'file', ebpf: 'stat,newfstatat,statx' } as const;
const engines = ['seccomp', 'ptrace', 'hybrid', 'ebpf'] as const;

/** What a call costs by each engine that `auto` does not take here: one that is remote, one that is not matched. */
export async function measureEngines(bench: Bench): Promise<Measurement[]> {
  const rows: Measurement[] = [];
  for (const engine of engines) {
    if (!worksHere(engine === 'ebpf' ? 'hybrid' : engine, process.getuid?.())) continue;
    const by = (set: string) =>
      medians(bench.under(['--engine', engine, '--syscalls', set], guest('bench-calls'), 'getppid'));
    const remote = (await by('getppid'))('getppid');
    const unmatched = (await by(others[engine]))('getppid');
    rows.push(
      {
        what: `null remote call, engine ${engine}`,
        value: time(remote),
        ratio: remote / bench.roundTrip,
        unit: 'RTT',
      },
      timesNative(`unmatched getppid, engine ${engine}`, unmatched, bench),
    );
    if (engine === 'ebpf') rows.push(await measureUnrelated(bench));
  }
  return rows;
}

/** What a process pays that has nothing to do with rsc, while eBPF programs look at every call of the machine. */
async function measureUnrelated(bench: Bench): Promise<Measurement> {
  const session = new Talk(
    bench.under(['--engine', 'ebpf', '--syscalls', others.ebpf], 'sh', '-c', 'echo runs; read line'),
  );
  try {
    await session.hears('runs');
    const unrelated = await medians([...bench.launcher, guest('bench-calls'), 'getppid']);
    return timesNative('getppid of another process, engine ebpf', unrelated('getppid'), bench);
  } finally {
    session.say('');
    await session.ended();
  }
}

function timesNative(what: string, ns: number, { native }: Bench): Measurement {
  return { what: `${what} (native ${time(native)})`, value: time(ns), ratio: ns / native, unit: 'x' };
}
