import { expect } from 'chai';
import { errnoName } from '@rsc/core/abi/errno';
import { rowFor } from '@rsc/core/abi/lookup';
import { syscallNames, table } from '@rsc/core/abi/table';
import type { Row } from '@rsc/core/abi/vocabulary';
import { corpus, cureForCorpus } from './corpus';
import { apart, documented, elsewhere, unprovoked } from './documented';

const MAX_ERRNO = 4095n;
const local = new Set(['local', 'namedOnly']);

/** How a call ended in the kernel, by what the program is told of it: of a wait that a signal ended, EINTR. */
function ending(result: bigint): string {
  if (result >= 0n || result < -MAX_ERRNO) return 'done';
  const name = errnoName(Number(-result));
  return name.startsWith('ERESTART') ? 'EINTR' : name;
}

function nameOf(name: string, variant: string | undefined): string {
  return variant === undefined ? name : `${name} ${variant}`;
}

/** What became of the calls of each row that the guest programs made. */
async function endings(): Promise<Map<string, Set<string>>> {
  const seen = new Map<string, Set<string>>();
  for (const call of (await corpus()).flatMap(({ threads }) => threads.flat())) {
    const found = rowFor('x86_64', call.number, (index) => call.args[index] ?? 0n);
    if (found === undefined) continue;
    const name = nameOf(found.name, found.variant);
    const known = seen.get(name) ?? new Set();
    seen.set(name, known);
    if (call.result !== undefined) known.add(ending(call.result));
  }
  return seen;
}

/** Why a row is answered with an errno wherever it would be remote; undefined of one that runs there. */
function refusal({ runs, facts }: Row): string | undefined {
  if (runs.kind === 'refused') return runs.because;
  return facts.find((fact) => fact.kind === 'remoteUnsupported')?.because;
}

/** The rows that can run on the server, or touch what is there. */
function remoteRows(): string[] {
  return syscallNames.flatMap((name) => {
    const entry = table[name];
    const rows: (readonly [string, Row])[] =
      entry.kind === 'row'
        ? [[name, entry]]
        : [
            ...Object.entries(entry.rows).map(([command, row]) => [nameOf(name, command), row] as const),
            [name, entry.otherwise] as const,
          ];
    return rows
      .filter(([, row]) => isRemote(row) && refusal(row) === undefined)
      .map(([known]) => known)
      .filter((known) => !Object.keys(elsewhere).some((prefix) => known.startsWith(prefix)));
  });
}

function isRemote({ runs, facts }: Row): boolean {
  return !local.has(runs.kind) || facts.some(({ kind }) => kind === 'marksCloexec' || kind === 'closesRange');
}

/** Of the requests of ioctl all are made; which errors a device has for them no man page tells. */
function errorsOf(row: string): readonly string[] | undefined {
  const listed = documented[row] ?? (row.startsWith('ioctl ') ? 'EBADF' : undefined);
  return listed?.split(' ').filter((name) => name !== '');
}

function isExcused(row: string, error: string): boolean {
  return apart[row]?.[error] !== undefined || unprovoked[error] !== undefined;
}

describe('the guest programs', function () {
  this.timeout(120_000);
  const cure = cureForCorpus();
  if (cure !== undefined) {
    it(`make every call that can be remote, with every error that it can have (needs: ${cure})`);
    return;
  }

  it('make every call that can be remote', async () => {
    const seen = await endings();
    expect(remoteRows().filter((row) => !seen.has(row))).to.deep.equal([]);
  });

  it('are told of every error that a man page documents, and that can be provoked', async () => {
    const seen = await endings();
    const missing = remoteRows().flatMap((row) =>
      (errorsOf(row) ?? ['(no line in documented.ts)'])
        .filter((error) => !seen.get(row)?.has(error) && !isExcused(row, error))
        .map((error) => `${row}: ${error}`),
    );
    expect(missing).to.deep.equal([]);
  });

  it('are never told of an error that is said to be out of reach of that call', async () => {
    const seen = await endings();
    const reached = Object.entries(apart).flatMap(([row, errors]) =>
      Object.keys(errors).flatMap((error) => (seen.get(row)?.has(error) ? [`${row}: ${error}`] : [])),
    );
    expect(reached).to.deep.equal([]);
  });

  it('are documented row by row: no line is of a row that is not there', () => {
    const rows = new Set(remoteRows());
    const lines = [...Object.keys(documented), ...Object.keys(apart)];
    expect(lines.filter((line) => !rows.has(line))).to.deep.equal([]);
  });
});
