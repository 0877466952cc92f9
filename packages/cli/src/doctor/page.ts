import type { Diagnosis, Verdict } from '@rsc/core/doctor/diagnosis';
import type { Fact } from '@rsc/core/doctor/fact';

/** A diagnosis for people: a line for each fact, one more for each way to change it, and the conclusions. */
export function pageOf({ engine, reason, attach, facts }: Diagnosis): string {
  const width = Math.max(...facts.map(({ name }) => name.length));
  const lines = facts.flatMap((fact) => linesOf(fact, width));
  return [...lines, '', conclusion('run', { engine, reason }), conclusion('attach', attach), ''].join('\n');
}

function conclusion(command: string, { engine, reason }: Verdict): string {
  const verdict = engine === null ? 'does not work here' : `works here, by ${engine}`;
  return `rsc ${command} ${verdict}: ${reason}`;
}

function linesOf({ allowed, name, means, remedy }: Fact, width: number): string[] {
  const line = `${allowed ? 'yes' : 'no '}  ${name.padEnd(width)}  ${means}`;
  return remedy === undefined ? [line] : [line, `${' '.repeat(width + 7)}try: ${remedy}`];
}
