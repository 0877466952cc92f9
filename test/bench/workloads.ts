import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { guest } from '../e2e/places';
import { rscRun } from '../e2e/rsc';
import { startServer } from '../e2e/server';
import { measureEngines } from './engines';
import { medians } from './samples';
import { throughput, time, type Measurement } from './table';

/** Programs that are compared with a native run: a name, a command in /work/many, and what the ratio may be. */
const programs: { what: string; command: (work: string) => string[]; target?: { most: number } }[] = [
  { what: 'git status, 2000 files', command: () => ['git', 'status'], target: { most: 10 } },
  { what: 'grep -r, 2000 files', command: () => ['grep', '-r', 'needle', '.'] },
  { what: 'python3 reads 100 files', command: (work) => ['/usr/bin/python3', join(work, 'hundred.py')] },
];

const pinnedToOneCpu = ['taskset', '-c', '0'];

/** Measures all that the table has, with everything pinned to one CPU or left free. */
export async function measureAll(root: string, pinned: boolean): Promise<Measurement[]> {
  const launcher = pinned ? pinnedToOneCpu : [];
  const server = await startServer(root, { launcher });
  const under = (options: string[], ...command: string[]): string[] => [
    ...launcher,
    ...rscRun('--server', server.url, ...options, '--', ...command),
  ];
  const natively = (folder: string, ...command: string[]): string[] => [
    'env',
    '-C',
    folder,
    ...launcher,
    ...command,
  ];
  const calls = guest('bench-calls');
  const timer = guest('bench-run');
  const work = join(root, 'work');
  try {
    const tcp = await medians([...launcher, guest('bench-tcp')]);
    const roundTrip = tcp('round-trip');
    const stream = tcp('stream');
    const floor = (await medians([...launcher, guest('bench-floor')]))('floor');
    const remoteNull = await medians(under(['--syscalls', 'getppid'], calls, 'getppid'));
    const remote = await medians(under(['--cwd', '/work'], calls, 'files'));
    const nativeNull = await medians(natively(work, calls, 'getppid'));
    const native = await medians(natively(work, calls, 'files'));
    const unmatched = await medians(under(['--syscalls', 'file'], calls, 'getppid'));
    const engines = await measureEngines({ under, launcher, roundTrip, native: nativeNull('getppid') });
    const start = await medians([...launcher, timer, ...under([], 'true').slice(launcher.length)]);
    const node = await medians([...launcher, timer, process.execPath, '-e', '0']);

    const inRoundTrips = (what: string, ns: number, most?: number): Measurement => ({
      what,
      value: time(ns),
      ratio: ns / roundTrip,
      unit: 'RTT',
      ...(most === undefined ? {} : { target: { most } }),
    });
    const asPartOfStream = (what: string, ns: number, least: number): Measurement => ({
      what,
      value: throughput(ns),
      ratio: stream / ns,
      unit: '%',
      target: { least },
    });
    const timesNative = (
      what: string,
      ns: number,
      nativeNs: number,
      target?: { most: number },
    ): Measurement => ({
      what: `${what} (native ${time(nativeNs)})`,
      value: time(ns),
      ratio: ns / nativeNs,
      unit: 'x',
      ...(target === undefined ? {} : { target }),
    });

    const whole: Measurement[] = [];
    for (const { what, command, target } of programs) {
      const here = await medians(natively(join(work, 'many'), timer, ...command(work)));
      const there = await medians(under(['--cwd', '/work/many'], timer, ...command('/work')));
      whole.push(timesNative(what, there('run'), here('run'), target));
    }
    return [
      { what: 'raw TCP round trip, 64 bytes', value: time(roundTrip) },
      { what: 'raw TCP, writes of 128 KiB', value: throughput(stream) },
      inRoundTrips('a notice and a round trip, all in C', floor),
      inRoundTrips('null remote call (getppid)', remoteNull('getppid'), 2.2),
      inRoundTrips(`stat (native ${time(native('stat'))})`, remote('stat'), 2.5),
      inRoundTrips(`pread 64 bytes (native ${time(native('pread'))})`, remote('pread')),
      inRoundTrips(`create, write, close, unlink (native ${time(native('create'))})`, remote('create')),
      asPartOfStream('read 256 MiB by 128 KiB', remote('read-128k'), 0.35),
      asPartOfStream('write 256 MiB by 128 KiB', remote('write-128k'), 0.3),
      asPartOfStream('read 256 MiB by 1 MiB', remote('read-1m'), 0.35),
      asPartOfStream('write 256 MiB by 1 MiB', remote('write-1m'), 0.3),
      timesNative('unmatched getppid', unmatched('getppid'), nativeNull('getppid'), { most: 1.3 }),
      ...engines,
      ...whole,
      {
        what: `rsc run -- true (node -e 0: ${time(node('run'))})`,
        value: time(start('run')),
        ratio: (start('run') - node('run')) / 1e6,
        unit: 'ms more',
        target: { most: 150 },
      },
    ];
  } finally {
    await server.stop();
  }
}

/** What other tools make of the same programs, pinned, times native; those that are installed. */
export async function measurePeers(root: string): Promise<string[][]> {
  const work = join(root, 'work');
  const peers = [
    { name: 'strace -f', command: ['strace', '-f', '-o', '/dev/null'] },
    {
      name: 'strace, openat by seccomp',
      command: ['strace', '-f', '--seccomp-bpf', '-e', 'openat', '-o', '/dev/null'],
    },
    { name: 'proot -b', command: ['proot', '-b', `${work}:/rsc-bench`, '-w', '/rsc-bench/many'] },
  ].filter(({ command: [program = ''] }) => spawnSync(program, ['--version']).status === 0);

  const workloads = [
    { what: 'unmatched getppid', name: 'getppid', command: [guest('bench-calls'), 'getppid'] },
    ...programs.map(({ what, command }) => ({
      what,
      name: 'run',
      command: [guest('bench-run'), ...command(work)],
    })),
  ];
  const rows = [['what', 'native', ...peers.map(({ name }) => name)]];
  for (const { what, name, command } of workloads) {
    const measure = async (peer: readonly string[]): Promise<number> => {
      const medianOf = await medians([
        'env',
        '-C',
        join(work, 'many'),
        ...pinnedToOneCpu,
        ...peer,
        ...command,
      ]);
      return medianOf(name);
    };
    const native = await measure([]);
    const cells = [];
    for (const peer of peers) cells.push(`${((await measure(peer.command)) / native).toFixed(1)} x`);
    rows.push([what, time(native), ...cells]);
  }
  return rows;
}
