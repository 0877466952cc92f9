import type { SyscallName } from '../abi/table.js';
import type { PlacedRule } from './check-rule.js';
import type { PolicyDocument } from './document.js';
import { folderOf } from './glob.js';
import type { Rule } from './policy.js';
import { reachOf } from './reach.js';

/** Reports rules that never decide, because rules before them decide for all that they are for. */
export function checkOrder(document: PolicyDocument, placed: readonly PlacedRule[]): void {
  placed.forEach(({ rule, at }, index) => {
    const wider = placed.slice(0, index).filter((earlier) => hasAllOf(earlier.rule, rule));
    const taken = new Set<SyscallName>(wider.flatMap((earlier) => [...reachOf(earlier.rule)]));
    const reach = [...reachOf(rule)];
    const first = wider[0];
    if (first === undefined || reach.some((name) => !taken.has(name))) return;
    const line = document.lineOf(first.at);
    document.report(at, {
      expected: 'a rule that can decide',
      found: `one whose calls the rule in line ${line} has decided before`,
      fix: `put it before line ${line}, or leave it out`,
    });
  });
}

/** Whether whatever meets the conditions of `narrow` meets those of `wide`, as far as their texts tell. */
function hasAllOf(wide: Rule, narrow: Rule): boolean {
  if (wide.origin !== undefined && wide.origin !== narrow.origin) return false;
  return coversGlobs(wide.paths, narrow.paths) && coversGlobs(wide.program, narrow.program);
}

function coversGlobs(wide: readonly string[] | undefined, narrow: readonly string[] | undefined): boolean {
  if (wide === undefined) return true;
  return narrow?.every((glob) => wide.some((wider) => coversGlob(wider, glob))) ?? false;
}

function coversGlob(wide: string, narrow: string): boolean {
  if (wide === narrow || wide === '/**') return true;
  const folder = folderOf(wide);
  return folder !== undefined && (narrow === folder || narrow.startsWith(`${folder}/`));
}
