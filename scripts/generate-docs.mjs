/**
 * Writes what is generated from the syscall table, which has to be built (make build): docs/syscalls.md and
 * packages/core/policy.schema.json. `--check` writes nothing: it fails where a file is not what the table says.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { syscallsMarkdown } from '../packages/core/dist/abi/describe.js';
import { policySchemaText } from '../packages/core/dist/policy/schema.js';

const files = {
  'docs/syscalls.md': syscallsMarkdown(),
  'packages/core/policy.schema.json': policySchemaText(),
};

for (const [name, text] of Object.entries(files)) {
  const file = join(import.meta.dirname, '..', name);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${name} is not what the table says: run make generate`);
    process.exitCode = 1;
  }
}
