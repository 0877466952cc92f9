import { expect } from 'chai';
import { guestMount, mountPoints } from './local-paths';
import { nativeCommand } from './native';
import { makeRoot } from './root';
import { expectNoEscapes, newAudit } from './audit';
import { worksHere } from './engines';
import { embeddedCommand } from './rsc';
import { treeOf } from './tree';
import { guestFolder } from './places';
import { run, type Ending, type RunOptions } from './ending';

export interface Case {
  readonly command: readonly string[];
  /** The exit status that the program has natively; 0 unless given. */
  readonly status?: number;
  /** Something that the program prints natively: proof that the case does what it says. */
  readonly prints?: string;
  /** Paths whose content differs from one native run to the next. The row says why. */
  readonly volatile?: readonly string[];
  readonly run?: RunOptions;
  /** Flags of rsc's own. */
  readonly flags?: readonly string[];
  /** The words in front of both runs' commands that change what the root is like, in a mount namespace of its own. */
  readonly within?: (root: string) => readonly string[];
}

/**
 * Runs a command natively in one root and under rsc in another that is equal, and compares what it printed, how it
 * ended, and all of the tree that it left. A program given as `guest:NAME` is a guest program.
 */
export async function expectSameAsNative(test: Case): Promise<void> {
  const native = await nativeOutcome(test);
  expect(native.status, `natively: ${native.stderr.join('\n')}`).to.equal(test.status ?? 0);
  expect(native.stdout.join('\n'), 'natively').to.include(test.prints ?? '');

  const audit = isAudited(test) ? newAudit() : undefined;
  const flags = [...(test.flags ?? []), ...(audit?.flags ?? [])];
  const remote = await inFreshRoot(test, (root) =>
    embeddedCommand(root, guestIn(guestFolder, test.command), flags),
  );
  expect(remote).to.deep.equal(native);
  if (audit) expectNoEscapes(audit.take());
}

/** What native runs have come to: what is compared with several engines runs natively once. */
const outcomes = new Map<string, Promise<Outcome>>();

function nativeOutcome(test: Case): Promise<Outcome> {
  const { command, run: options, volatile, within } = test;
  const key = JSON.stringify([command, options, volatile, within?.('/root')]);
  const known = outcomes.get(key);
  if (known !== undefined) return known;
  const outcome = inFreshRoot(test, (root) =>
    nativeCommand(root, guestIn(guestMount, command), options?.uid),
  );
  outcomes.set(key, outcome);
  // What could not be found out is tried again.
  void outcome.catch(() => outcomes.delete(key));
  return outcome;
}

/** Where eBPF programs can be loaded, no call that concerns the server may go past rsc. */
function isAudited({ run: options }: Case): boolean {
  return worksHere('hybrid', options?.uid);
}

/** The clock of a file system may lag behind the clock of the system by a tick. */
const clockGrainMs = 100;

interface Outcome {
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly status: number;
  readonly tree: Record<string, string>;
}

async function inFreshRoot(test: Case, commandIn: (root: string) => readonly string[]): Promise<Outcome> {
  const root = makeRoot(test.run?.uid);
  try {
    const sinceMs = Date.now() - clockGrainMs;
    const command = [...(test.within?.(root.path) ?? []), ...commandIn(root.path)];
    const { stdout, stderr, status }: Ending = await run(command, test.run);
    const tree = treeOf(root.path, { without: [...mountPoints, ...(test.volatile ?? [])], sinceMs });
    return { stdout: stdout.split('\n'), stderr: stderr.split('\n'), status, tree };
  } finally {
    root.remove();
  }
}

function guestIn(folder: string, command: readonly string[]): string[] {
  return command.map((word) => word.replace(/^guest:/, `${folder}/`));
}
