import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../e2e/places';

/** Why no VM can be booted here, in the form of the cure; undefined where it can. */
export function cureForVm(kernel: string): string | undefined {
  if (spawnSync('qemu-system-x86_64', ['--version']).status !== 0)
    return 'apt-get install --no-install-recommends qemu-system-x86';
  const told = join(checkout, `.make/vm/${kernel}.cure`);
  if (existsSync(told)) return readFileSync(told, 'utf8').trim();
  if (!existsSync(join(checkout, `.make/vm/${kernel}/initramfs`)))
    return "make test-vm, where apt-get reaches Debian's packages";
  return undefined;
}
