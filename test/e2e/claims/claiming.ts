import { native } from '@rsc/addon';
import { join } from 'node:path';
import { run } from '../ending';
import { isInVm } from '../places';
import type { Outcome, Scenario } from './scenario';

/** What became of a scenario: what its calls returned to the program, and what the tracer has seen. */
export interface Seen extends Outcome {
  readonly results: readonly number[];
}

/** The command that traces the scenario's program. */
export function tracing(scenario: Scenario): string[] {
  return [process.execPath, join(__dirname, 'tracer.js'), JSON.stringify(scenario)];
}

export async function claim(scenario: Scenario): Promise<Seen> {
  const { stdout, stderr, status } = await run(tracing(scenario));
  if (status !== 0) throw new Error(`the tracer ended with ${status}:\n${stderr}`);
  const lines = stdout.trimEnd().split('\n');
  const outcome = JSON.parse(lines.pop() ?? '') as Outcome;
  return { ...outcome, results: lines.map(Number) };
}

/** Why programs with these vetoes cannot be loaded here, in the form of the cure; undefined where they can. */
export function cureFor(vetoes: readonly string[]): string | undefined {
  if (isInVm || native().probeClaims(vetoes) === 0) return undefined;
  return vetoes.length === 0
    ? 'run the tests as root, on a kernel with BTF'
    : `make test-vm, or a kernel that lets ${vetoes.join(', ')} be modified`;
}
