import { rulesOf, type Policy } from './policy.js';
import { ruleText } from './words.js';

/** A line of a policy that both have, or only the former or the new one. */
export interface Change {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** How a policy differs from a former one: their rules and defaults line by line, in order. */
export function changesBetween(former: Policy | undefined, policy: Policy): readonly Change[] {
  return difference(former === undefined ? [] : linesOf(former), linesOf(policy));
}

function linesOf(policy: Policy): string[] {
  return [...rulesOf(policy).map((rule) => ruleText(rule)), `${policy.default}: what no rule matches`];
}

/** Along a longest common subsequence. */
function difference(from: readonly string[], to: readonly string[]): Change[] {
  const common = lengthsOfCommon(from, to);
  const changes: Change[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const [a, b] = [from[i], to[j]];
    if (a !== undefined && a === b) {
      changes.push({ kind: 'same', text: a });
      i++;
      j++;
    } else if (
      a !== undefined &&
      (b === undefined || (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))
    ) {
      changes.push({ kind: 'removed', text: a });
      i++;
    } else {
      changes.push({ kind: 'added', text: b ?? '' });
      j++;
    }
  }
  return changes;
}

/** At [i][j]: how many lines from i on the one has in common with the other from j on. */
function lengthsOfCommon(from: readonly string[], to: readonly string[]): number[][] {
  const lengths = Array.from({ length: from.length + 1 }, () => new Array<number>(to.length + 1).fill(0));
  for (let i = from.length - 1; i >= 0; i--) {
    const [row = [], below = []] = [lengths[i], lengths[i + 1]];
    for (let j = to.length - 1; j >= 0; j--) {
      row[j] = from[i] === to[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return lengths;
}
