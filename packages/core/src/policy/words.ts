import type { Rule } from './policy.js';

/** Where the calls of a rule go: `remote`, `deny EACCES`. */
export function routeText({ route, errno }: Rule): string {
  return errno === undefined ? route : `${route} ${errno}`;
}

/** What a rule asks of a call, condition by condition. Of the globs of one, `most` are named. */
export function conditionTexts(
  { syscalls, paths, program, origin }: Rule,
  most = Infinity,
): readonly string[] {
  const texts = [
    ...(syscalls === undefined ? [] : [`syscalls ${syscalls}`]),
    ...(paths === undefined ? [] : [`paths ${some(paths, most)}`]),
    ...(program === undefined ? [] : [`program ${some(program, most)}`]),
    ...(origin === undefined ? [] : [`origin ${origin}`]),
  ];
  return texts.length === 0 ? ['every call'] : texts;
}

/** A rule on one line: `deny EACCES: syscalls file; paths /data/**`. */
export function ruleText(rule: Rule, most?: number): string {
  return `${routeText(rule)}: ${conditionTexts(rule, most).join('; ')}`;
}

function some(globs: readonly string[], most: number): string {
  const left = globs.length - most;
  return left > 0 ? `${globs.slice(0, most).join(' ')} and ${left} more` : globs.join(' ');
}
