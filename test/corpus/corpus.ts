import { guests } from '../e2e/guests';
import { cureForNobody } from '../e2e/nobody';
import { cureForStrace, record, type RecordedCall } from './recording';

/** The calls of a guest program, thread by thread. */
export interface Recording {
  readonly name: string;
  readonly threads: readonly (readonly RecordedCall[])[];
}

/** The guest program whose processes are killed amid calls, which then have no end that could be recorded. */
const amidCalls = 'survivors';

let recordings: Promise<readonly Recording[]> | undefined;

/** What all guest programs did natively; they are recorded once for all tests. */
export function corpus(): Promise<readonly Recording[]> {
  return (recordings ??= recordAll());
}

async function recordAll(): Promise<readonly Recording[]> {
  const all: Recording[] = [];
  for (const { name, uid } of guests)
    if (name !== amidCalls) all.push({ name, threads: await record(name, uid) });
  return all;
}

/** What is missing to record the corpus here, in the form of the cure; undefined where nothing is. */
export function cureForCorpus(): string | undefined {
  return cureForStrace() ?? cureForNobody();
}
