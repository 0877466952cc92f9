import { cureForVm } from './cure';
import { Machine, testsOf } from './machine';
import { errorOf } from './report';
import { kernels, suites, suitesFor } from './suites';

for (const kernel of kernels) {
  describe(`on a stock kernel ${kernel} of Debian`, function () {
    this.timeout(600_000);
    const missing = cureForVm(kernel);
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
