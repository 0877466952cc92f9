/** Which side all paths below a directory are on, as far as their names tell: for who does not know more of a call than that. */
import type { SyscallName } from '../abi/table.js';
import { isLocalPath, localPathsFor, type Exec, type LocalPath } from '../tracer/local-paths.js';
import { isWithin } from '../tracer/paths.js';
import type { CompiledPolicy } from './compile.js';
import { spanOf, type Span } from './glob.js';
import { rulesOf, type Rule } from './policy.js';
import { reachOf } from './reach.js';

/** `unsure`: it depends on the path, or on more than that. */
export type PrefixSide = 'local' | 'remote' | 'unsure';

/** Paths of this machine below which there are links to what is remote (magic-links.ts). */
const leadAstray = ['/proc', '/dev/fd', '/dev/stdin', '/dev/stdout', '/dev/stderr'];

/** A rule as it speaks of paths. */
interface Spoken {
  readonly rule: Rule;
  readonly reach: ReadonlySet<SyscallName>;
  readonly spans: readonly Span[];
}

/**
 * The sides of absolute, normalised paths in latin1, by the longest directory in the map that they are or are in; that of
 * the root is ''. A side is that of all calls `names`, none of which the policy may deny.
 */
export function prefixesOf(
  policy: CompiledPolicy,
  names: readonly SyscallName[],
  exec: Exec,
): ReadonlyMap<string, PrefixSide> {
  const localPaths = localPathsFor(exec);
  const spoken = rulesOf(policy.policy).map((rule) => ({
    rule,
    reach: reachOf(rule),
    spans: (rule.paths ?? []).map(spanOf),
  }));
  const groups = groupsOf(spoken, names);
  const prefixes = new Set([
    '',
    ...localPaths.map(({ path }) => path),
    ...spoken.flatMap(({ spans }) => spans.map(({ anchor }) => anchor)),
  ]);
  const sides = new Map<string, PrefixSide>();
  for (const prefix of prefixes) sides.set(prefix, sideOf(prefix, policy, groups, localPaths));
  for (const prefix of leadAstray) sides.set(prefix, 'unsure');
  return sides;
}

/** The rules that speak of calls, each group once; none: nothing but the default does. */
function groupsOf(spoken: readonly Spoken[], names: readonly SyscallName[]): readonly (readonly Spoken[])[] {
  const groups = new Map<string, readonly Spoken[]>();
  for (const name of names) {
    const rules = spoken.filter(({ reach }) => reach.has(name));
    groups.set(rules.map((rule) => spoken.indexOf(rule)).join(' '), rules);
  }
  return [...groups.values()];
}

function sideOf(
  prefix: string,
  { policy }: CompiledPolicy,
  groups: readonly (readonly Spoken[])[],
  localPaths: readonly LocalPath[],
): PrefixSide {
  const sides = new Set<PrefixSide>();
  for (const rules of groups) {
    for (const { route, byPath } of decisionsAt(prefix, rules, policy.default)) {
      if (route === 'deny') return 'unsure';
      sides.add(route === 'remote' && !byPath && isLocalPath(prefix, localPaths) ? 'local' : route);
    }
  }
  const [only] = sides;
  return sides.size === 1 && only !== undefined ? only : 'unsure';
}

/** What may be decided of a path that is `prefix`, or in it and in no deeper anchor of a glob. */
function* decisionsAt(
  prefix: string,
  rules: readonly Spoken[],
  otherwise: 'local' | 'remote',
): Generator<{ readonly route: Rule['route']; readonly byPath: boolean }> {
  for (const { rule, spans } of rules) {
    const byPath = rule.paths !== undefined;
    const above = spans.filter(({ anchor }) => isWithin(prefix, anchor));
    if (byPath && above.length === 0) continue;
    yield { route: rule.route, byPath };
    const isSure = !byPath || above.some(({ isWhole }) => isWhole);
    if (isSure && rule.program === undefined && rule.origin === undefined) return;
  }
  yield { route: otherwise, byPath: false };
}
