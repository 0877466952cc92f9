// Runs mocha, and closes with its counts on one line of their own, for machines to read.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const Mocha = require('mocha');
const { loadOptions } = require('mocha/lib/cli/options');
const collectFiles = require('mocha/lib/cli/collect-files');

const options = loadOptions(process.argv.slice(2));
const mocha = new Mocha(options);
mocha.files = collectFiles({ ...options, ignore: [], file: [], extension: ['js'], recursive: false, sort: true }).files;

const runner = mocha.run((failures) => {
  const { passes, pending } = runner.stats;
  process.stdout.write(`\n${passes} passed, ${failures} failed, ${pending} skipped\n`);
  process.exitCode = failures === 0 && passes > 0 ? 0 : 1;
});
