import { resolve } from 'node:path';
import { parseCall } from '@rsc/core/policy/call-text';
import { explain, type Reason } from '@rsc/core/policy/explain';
import type { Side } from '@rsc/core/policy/policy';
import { fallback, readActivePolicy, readPolicy } from './source.js';

/** What a user asks of `rsc policy explain`. */
export interface ExplainRequest {
  /** Undefined: the active policy. */
  readonly file: string | undefined;
  readonly call: string;
  readonly program?: string | undefined;
  readonly origin?: string | undefined;
  readonly cwd?: string | undefined;
}

/** What `rsc policy explain` prints. Throws as readPolicy, parseCall and explain do. */
export function explaining({ file, call: text, program, origin, cwd = '.' }: ExplainRequest): string {
  const { policy } = file === undefined ? (readActivePolicy() ?? fallback) : readPolicy(file);
  const call = parseCall(text);
  const { outcome, reasons } = explain(policy, call, {
    program,
    origin: origin as Side | undefined,
    directory: resolve(cwd),
  });
  return [
    `${text} ${outcome}`,
    ...reasons.flatMap((reason) => linesOf(reason, reasons.length > 1, policy.default)),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function linesOf(
  { path, decides, stays, nearly }: Reason,
  isOneOfSeveral: boolean,
  byDefault: Side,
): string[] {
  const prefix = isOneOfSeveral && path !== undefined ? `${path}: ` : '';
  return [
    decides === undefined
      ? `  ${prefix}no rule matches: ${byDefault} by default`
      : `  ${prefix}${decides.name} decides: ${decides.text}`,
    ...(stays === undefined ? [] : [`    but ${stays.path} stays here: ${stays.why}`]),
    ...nearly.flatMap(({ name, text, why }) => [`  ${prefix}${name} does not: ${text}`, `    ${why}`]),
  ];
}
