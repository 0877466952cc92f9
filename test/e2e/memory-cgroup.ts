import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where memory cgroups are, and the files of one: of the first version (cgroups(7)), or the second. */
const versions = [
  { at: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', usage: 'memory.usage_in_bytes' },
  { at: '/sys/fs/cgroup', limit: 'memory.max', usage: 'memory.current' },
] as const;

const AWAIT_ENDS = `
import os, select, sys
for pid in sys.argv[1:]:
  try: select.select([os.pidfd_open(int(pid))], [], [])
  except ProcessLookupError: pass
`;

/** A memory cgroup of which all processes together have no more than so many bytes. */
export class MemoryCgroup {
  private constructor(
    private readonly path: string,
    private readonly files: (typeof versions)[number],
  ) {}

  /** Undefined where this user cannot make one here. */
  static make(): MemoryCgroup | undefined {
    if (process.getuid?.() !== 0) return undefined;
    for (const files of versions) {
      if (!existsSync(join(files.at, 'cgroup.procs'))) continue;
      const path = join(files.at, `rsc-test-${process.pid}`);
      mkdirSync(path);
      if (existsSync(join(path, files.limit))) return new MemoryCgroup(path, files);
      rmdirSync(path);
    }
    return undefined;
  }

  /** The command that runs another one in it. */
  within(command: readonly string[]): string[] {
    return ['/bin/sh', '-c', `echo $$ > ${this.path}/cgroup.procs; exec "$@"`, 'sh', ...command];
  }

  limit(bytes: number): void {
    writeFileSync(join(this.path, this.files.limit), String(bytes));
  }

  get usage(): number {
    return Number(readFileSync(join(this.path, this.files.usage), 'latin1'));
  }

  /** Waits until the processes in it have ended: none is left that has no reason to. */
  remove(): void {
    const pids = readFileSync(join(this.path, 'cgroup.procs'), 'latin1')
      .split('\n')
      .filter((pid) => pid !== '');
    execFileSync('/usr/bin/python3', ['-c', AWAIT_ENDS, ...pids]);
    rmdirSync(this.path);
  }
}
