import { join } from 'node:path';
import { run } from '../ending';
import { guestMount } from '../local-paths';
import { nativeCommand } from '../native';
import { guest } from '../places';
import { makeRoot } from '../root';
import { embeddedCommand } from '../rsc';
import { treeOf } from '../tree';
import type { Sequence } from './sequence';

/** Sequences by their names, which are those of the directories in which they happen. */
export type Sequences = ReadonlyMap<string, Sequence>;

/** A sequence that does not do under rsc what it does natively: the lines that are in one run and not in the other. */
export interface Difference {
  readonly name: string;
  readonly native: readonly string[];
  readonly remote: readonly string[];
}

/** By the name of a sequence: what the guest program printed, and what was left in the directory. */
type Traces = ReadonlyMap<string, readonly string[]>;

const DEADLINE_MS = 120_000;
/** The clock of a file system may lag behind the clock of the system by a tick. */
const CLOCK_GRAIN_MS = 100;

/** Runs sequences natively in one tree and under rsc in another; returns those that did not do the same. */
export async function differences(sequences: Sequences): Promise<Difference[]> {
  const native = await tracesIn(sequences, (root) => nativeCommand(root, [`${guestMount}/property`]));
  const remote = await tracesIn(sequences, (root) => embeddedCommand(root, [guest('property')]));
  return [...sequences.keys()].flatMap((name) => {
    const [here, there] = [native.get(name) ?? [], remote.get(name) ?? []];
    const difference = { name, native: without(here, there), remote: without(there, here) };
    return difference.native.length + difference.remote.length > 0 ? [difference] : [];
  });
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  return lines.filter((line, index) => line !== others[index]);
}

async function tracesIn(sequences: Sequences, commandIn: (root: string) => string[]): Promise<Traces> {
  const root = makeRoot();
  try {
    const sinceMs = Date.now() - CLOCK_GRAIN_MS;
    const input = [...sequences].map(([name, lines]) => `# ${name}\n${lines.join('\n')}\n`).join('');
    const { stdout, stderr, status } = await run(commandIn(root.path), { input, deadlineMs: DEADLINE_MS });
    if (status !== 0 || stderr !== '') throw new Error(`the guest program ended with ${status}:\n${stderr}`);
    return tracesOf(stdout, treeOf(join(root.path, 'work'), { without: [], sinceMs }));
  } finally {
    root.remove();
  }
}

function tracesOf(printed: string, tree: Readonly<Record<string, string>>): Traces {
  const traces = new Map<string, string[]>();
  for (const block of printed.split(/^# /m).slice(1)) {
    const [name = '', ...lines] = block.trimEnd().split('\n');
    traces.set(name, lines);
  }
  for (const [path, what] of Object.entries(tree))
    traces.get(path.split('/')[1] ?? '')?.push(`${path}: ${what}`);
  return traces;
}
