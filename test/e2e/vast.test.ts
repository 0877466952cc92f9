import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { plainEnv, run, type Ending } from './ending';
import { guestMount } from './local-paths';
import { nativeCommand } from './native';
import { guest } from './places';
import { makeRoot, type Root } from './root';
import { embeddedCommand } from './rsc';
import { descendantsOf } from './server';

const entries = 100_000;
/** A file cannot have as many names as that (EXT4_LINK_MAX). */
const namesOfOne = 50_000;

/** So much memory each of the tracer and the executor may have had at a time, whatever went through them. */
const mostKiB = 192 << 10;

function fill(directory: string): void {
  mkdirSync(directory);
  for (let entry = 0, first = ''; entry < entries; entry++) {
    const path = join(directory, String(entry));
    if (entry % namesOfOne === 0) writeFileSync((first = path), '');
    else linkSync(first, path);
  }
}

/** The most memory that processes have had, by their programs. */
function peaks(pids: readonly number[]): Record<string, number> {
  const peakOf = (pid: number) =>
    Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return Object.fromEntries(
    pids.map((pid) => [`${basename(readlinkSync(`/proc/${pid}/exe`))} ${pid}`, peakOf(pid)]),
  );
}

/** For each of the two runs, which are long where others use the disk too. */
const DEADLINE_MS = 60_000;

interface Measured extends Ending {
  readonly memory: Record<string, number>;
}

/** Runs a command until it says that it is done, looks at what it and its children have used, and lets it end. */
async function measure(command: readonly string[]): Promise<Measured> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env: plainEnv, cwd: '/' });
  const output = { stdout: '', stderr: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = once(child, 'close') as Promise<[number]>;
  let memory: Record<string, number> = {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
    if (!output.stdout.endsWith('done\n') || child.pid === undefined) return;
    memory = peaks([child.pid, ...descendantsOf(child.pid)]);
    child.stdin.end();
  });
  const [status] = await ended;
  return { ...output, status, memory };
}

describe('what is as large as it can be', function () {
  this.timeout(2 * DEADLINE_MS);
  let root: Root;

  before(() => {
    root = makeRoot();
    fill(join(root.path, 'work/crowd'));
  });
  after(() => root.remove());

  it('is the same as natively, and takes little memory: gibibytes, 100000 entries, 10000 descriptors', async () => {
    const native = await run(nativeCommand(root.path, [`${guestMount}/vast`]), {
      deadlineMs: DEADLINE_MS,
    });
    expect(native.stdout)
      .to.include('100002 entries')
      .and.to.include('= 2147479552')
      .and.to.include('10000 opened');
    const { memory, ...remote } = await measure(embeddedCommand(root.path, [guest('vast')]));
    expect(remote).to.deep.equal(native);
    const programs = Object.keys(memory).map((name) => name.split(' ')[0]);
    expect(programs).to.include.members(['node', 'rsc-twin']);
    const tooMuch = Object.entries(memory).filter(([, peak]) => !(peak < mostKiB));
    expect(tooMuch).to.deep.equal([]);
  });
});
