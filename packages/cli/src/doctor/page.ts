import type { Diagnosis } from '@rsc/core/doctor/diagnosis';
import type { Fact } from '@rsc/core/doctor/fact';

/** A diagnosis for people: a line for each fact, one more for each way to change it, and the conclusion. */
export function pageOf({ engine, reason, facts }: Diagnosis): string {
  const width = Math.max(...facts.map(({ name }) => name.length));
  const lines = facts.flatMap((fact) => linesOf(fact, width));
  const verdict = engine === null ? 'rsc run does not work here' : `rsc run works here, by ${engine}`;
  return [...lines, '', `${verdict}: ${reason}`, ''].join('\n');
}

function linesOf({ allowed, name, means, remedy }: Fact, width: number): string[] {
  const line = `${allowed ? 'yes' : 'no '}  ${name.padEnd(width)}  ${means}`;
  return remedy === undefined ? [line] : [line, `${' '.repeat(width + 7)}try: ${remedy}`];
}
