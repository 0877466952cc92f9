import { openSync, writeSync } from 'node:fs';
import Mocha from 'mocha';
import type { Failure, Report } from './report';
import { filesOf, kernels, patternOf, suites } from './suites';

/** `inside.js KERNEL SUITE quick|all [FILE]`: runs a suite, and reports it to a file; without one, says which tests it has. */
const [version, name = '', extent, file] = process.argv.slice(2);
const suite = suites[name];
if (suite === undefined)
  throw new Error(`cannot run the suite ${name}: there are ${Object.keys(suites).join(', ')}`);
const kernel = kernels.find((each) => each === version);
if (kernel === undefined)
  throw new Error(`cannot run tests for the kernel ${version}: there are ${kernels.join(', ')}`);

Object.assign(process.env, suite.env);
// What these kernels are booted for is there: a test that finds it missing fails, and is not pending.
process.env['RSC_KERNEL'] = 'stock';

const reports = file === undefined ? 1 : openSync(file, 'w');
/** An emulated processor, of which several share a real one, takes so many times as long. */
const SLOWER = 3;

const tell = (report: Report): void => void writeSync(reports, `${JSON.stringify(report)}\n`);

function reporter(runner: Mocha.Runner): void {
  const giveTime = (runnable: Mocha.Runnable): void => void runnable.timeout(runnable.timeout() * SLOWER);
  runner.on('test', giveTime).on('hook', giveTime);
  runner.on('pass', (test) => tell({ title: test.fullTitle(), state: 'passed' }));
  runner.on('pending', (test) => tell({ title: test.fullTitle(), state: 'pending' }));
  runner.on('fail', (test, error) => {
    const { message, stack, actual, expected } = error as Failure;
    tell({ title: test.fullTitle(), state: 'failed', error: { message, stack, actual, expected } });
  });
}

const mocha = new Mocha({
  reporter: reporter as unknown as Mocha.ReporterConstructor,
  grep: patternOf(suite, kernel, extent === 'all'),
  dryRun: file === undefined,
});
for (const each of filesOf(suite)) mocha.addFile(each);
mocha.run();
