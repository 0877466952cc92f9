import { expect } from 'chai';
import type { Tally } from '@rsc/core/tracer/claims-kept';
import { newAudit } from './audit';
import { run } from './ending';
import { needsOf, worksHere } from './engines';
import { makeRoot } from './root';
import { embeddedCommand } from './rsc';

const ROUNDS = 30_000;
/** A program makes a few calls more or less as it starts, and a path that is not in memory yet is claimed. */
const START = 50;

/** What is counted of a program of so many rounds, each of which calls `line`. */
async function tallyOf(engine: string, line: string, rounds: number): Promise<Tally> {
  const root = makeRoot();
  const audit = newAudit();
  try {
    const program = `import os\nfd = os.open('/dev/zero', os.O_RDONLY)\nfor i in range(${rounds}): ${line}`;
    const flags = ['--engine', engine, '--syscalls', 'file', ...audit.flags];
    const command = ['/usr/bin/python3', '-S', '-c', program];
    const { status, stderr } = await run(embeddedCommand(root.path, command, flags));
    expect([status, stderr]).to.deep.equal([0, '']);
    return audit.take();
  } finally {
    root.remove();
  }
}

/** Calls that do not concern the server, and the engines that have to see that. */
const rows: readonly (readonly [engine: 'ebpf' | 'hybrid', what: string, line: string])[] = [
  ['hybrid', 'reads of a local descriptor', 'os.read(fd, 1)'],
  ['hybrid', 'looks at files of this machine', "os.access('/usr/bin/env', os.R_OK)"],
  ['ebpf', 'reads of a local descriptor', 'os.read(fd, 1)'],
  ['ebpf', 'opens of files of this machine', "os.close(os.open('/usr/bin/env', os.O_RDONLY))"],
];

describe('a program does not stop at calls that do not concern the server', function () {
  this.timeout(240_000);
  for (const [engine, what, line] of rows) {
    it(`${engine}: at ${ROUNDS} ${what} (what it needs: ${needsOf[engine]})`, async function () {
      if (!worksHere(engine)) this.skip();
      const [few, many] = [await tallyOf(engine, line, 1), await tallyOf(engine, line, ROUNDS)];
      expect([many.claimed - many.met, many.escapes, many.lost]).to.deep.equal([0, 0, 0]);
      expect(Math.abs(many.claimed - few.claimed)).to.be.at.most(START);
      expect(many.passed - few.passed).to.be.at.least(ROUNDS - START);
    });
  }
});
