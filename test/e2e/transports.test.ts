import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { checkout } from './places';
import { askedTransport } from './transport';

/** A part of the suite that has something of all of it: files, and their tests by full titles. */
const part: readonly { readonly file: string; readonly tests: RegExp }[] = [
  {
    file: 'guests',
    tests: / auto (forks|interrupted|large|polls|survivors):/,
  },
  { file: 'programs', tests: / (tar c packs|git makes|two writers share)/ },
  { file: 'where', tests: / (reads a file|writes to the server|serves several)/ },
  { file: 'exec-remote', tests: / run, and run others/ },
  { file: 'policy', tests: / starts in the directory/ },
  { file: 'terminal', tests: /, under rsc is (a usable|controlled|ended)/ },
  { file: 'attach', tests: / (leaves local snapshots|answers EIO)/ },
  { file: 'live', tests: / moves its file calls| of rsc attach/ },
];

/** Runs tests over a transport, by a mocha of their own; rejects with its report where one fails, or there is none. */
async function runOver(transport: string, file: string, tests: RegExp): Promise<void> {
  const mocha = join(checkout, 'node_modules/.bin/mocha');
  const words = ['--no-config', '--fail-zero', '--grep', String(tests), join(__dirname, `${file}.test.js`)];
  const child = spawn(process.execPath, [mocha, ...words], {
    env: { ...process.env, RSC_TEST_TRANSPORT: transport },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let report = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (report += text));
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(report);
}

// Asked for, a transport is that of all tests.
if (askedTransport === undefined) {
  for (const transport of ['tcp', 'unix']) {
    describe(`with a server over ${transport} tests pass as they do with embedded ones`, function () {
      this.timeout(120_000);
      for (const { file, tests } of part)
        it(`${file}: ${tests.source.trim()}`, () => runOver(transport, file, tests));
    });
  }
}
