import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../e2e/places';
import { Machine, testsOf } from './machine';
import { errorOf } from './report';
import { kernels, suites, suitesFor, type Kernel } from './suites';

/** Why no VM can be booted here, in the form of the cure; undefined where it can. */
function cure(kernel: Kernel): string | undefined {
  if (spawnSync('qemu-system-x86_64', ['--version']).status !== 0)
    return 'apt-get install --no-install-recommends qemu-system-x86';
  const told = join(checkout, `.make/vm/${kernel}.cure`);
  if (existsSync(told)) return readFileSync(told, 'utf8').trim();
  if (!existsSync(join(checkout, `.make/vm/${kernel}/initramfs`)))
    return "make test-vm, where apt-get reaches Debian's packages";
  return undefined;
}

for (const kernel of kernels) {
  describe(`on a stock kernel ${kernel} of Debian`, function () {
    this.timeout(300_000);
    const missing = cure(kernel);
    if (missing !== undefined) {
      it(`the suites pass as they do here - to have this tested: ${missing}`);
      return;
    }

    const machines = new Map<string, Machine>();
    before(() => {
      for (const name of suitesFor(kernel)) machines.set(name, new Machine(kernel, name));
    });
    after(async () => {
      for (const machine of machines.values()) await machine.stop();
    });

    for (const name of suitesFor(kernel)) {
      describe(suites[name]?.title ?? name, () => {
        for (const test of testsOf(kernel, name)) {
          if (test.state === 'pending') {
            it(test.title);
            continue;
          }
          it(test.title, async function () {
            const report = await machines.get(name)?.report(test.title);
            if (report?.state === 'pending') this.skip();
            if (report?.error !== undefined) throw errorOf(report.error);
          });
        }
      });
    }
  });
}
