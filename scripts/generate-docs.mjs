/**
 * Writes docs/syscalls.md from the rows of the syscall table, which have to be built (make build).
 * `--check` writes nothing: it fails where the file is not what the rows say.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { syscallsMarkdown } from '../packages/core/dist/abi/describe.js';

const file = join(import.meta.dirname, '../docs/syscalls.md');
const text = syscallsMarkdown();

if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  console.error('docs/syscalls.md is not what the rows say: run make generate');
  process.exitCode = 1;
}
