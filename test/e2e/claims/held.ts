import { once } from 'node:events';
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cureFor } from './claiming';

/** Why it cannot be seen here what a process has of eBPF, in the form of the cure; undefined where it can. */
export function cureForHeld(): string | undefined {
  const cure = cureFor([]);
  if (cure !== undefined) return cure;
  return spawnSync('bpftool', ['version']).status === 0 ? undefined : 'apt-get install bpftool';
}

/** What a process has of eBPF, each once, by the descriptors of programs, maps and links (proc(5), fdinfo): words for bpftool. */
export function heldBy(pid: number): string[] {
  const texts = readdirSync(`/proc/${pid}/fdinfo`).map((fd) =>
    readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'),
  );
  const found = texts.flatMap((text) => [...text.matchAll(/^(prog|map|link)_id:\s*(\d+)$/gm)]);
  return [...new Set(found.map(([, kind, id]) => `${kind} show id ${id}`))];
}

/** Resolves when none of them exists any more. The kernel frees them after the process that held them has ended. */
export async function gone(held: readonly string[]): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (const each of held) {
    for (;;) {
      const [status] = (await once(spawn('bpftool', each.split(' ')), 'close')) as [number];
      if (status !== 0) break;
      if (Date.now() > deadline) throw new Error(`bpftool ${each} still finds something after 10 s`);
    }
  }
}
