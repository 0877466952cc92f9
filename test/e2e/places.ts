import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The checkout: this file runs as test/dist/e2e/places.js. */
export const checkout = resolve(__dirname, '../../..');

export const rscProgram = resolve(checkout, 'packages/cli/bin/rsc.js');
export const serverProgram = resolve(checkout, 'packages/server/bin/rsc-server.js');

/** The program of with-server.ts. */
export const withServer = resolve(checkout, 'test/dist/e2e/with-server.js');

/** Whether the tests run on another kernel, in a VM (test/vm/inside.ts): slower, and with all that the kernel is booted for. */
export const isInVm = process.env['RSC_KERNEL'] === 'stock';

/** The guest programs, as test/guest/*.c is built by `make build`. */
export const guestFolder = resolve(checkout, 'test/guest/bin');

export function guest(name: string): string {
  const path = resolve(guestFolder, name);
  if (!existsSync(path)) throw new Error(`cannot find the guest program ${path}: run \`make build\``);
  return path;
}

/** A file of the suite that is not compiled. */
export function besideSource(name: string): string {
  return resolve(checkout, 'test/e2e', name);
}
