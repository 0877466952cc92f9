/** Writes packages/cli/oclif.manifest.json: with it `rsc` loads the command that is asked for, and no other. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { Plugin } = createRequire(import.meta.url)('@oclif/core');

const root = join(dirname(fileURLToPath(import.meta.url)), '../packages/cli');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const plugin = new Plugin({ root, ignoreManifest: true, errorOnManifestCreate: true });
await plugin.load();
writeFileSync(join(root, 'oclif.manifest.json'), JSON.stringify({ ...plugin.manifest, version }));
