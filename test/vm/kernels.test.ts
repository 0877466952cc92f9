import { availableParallelism } from 'node:os';
import { cureForVm } from './cure';
import { Fleet } from './fleet';
import { testsOf } from './machine';
import { errorOf } from './report';
import { kernels, suites, suitesFor } from './suites';

const fleet = new Fleet();

// Hooks of no suite come before and after the tests of all files: one VM at a time, which has one processor, works beside the
// tests of this machine, of which most use one as well; once they are done it may be as many as there are processors.
before(() => {
  fleet.allow(1);
});
after(() => fleet.stop());

for (const kernel of kernels) {
  describe(`on a stock kernel ${kernel} of Debian`, function () {
    this.timeout(600_000);
    const missing = cureForVm(kernel);
    if (missing !== undefined) {
      it(`the suites pass as they do here - to have this tested: ${missing}`);
      return;
    }
    before(() => {
      fleet.allow(availableParallelism());
    });

    for (const name of suitesFor(kernel)) {
      fleet.add(kernel, name);
      describe(suites[name]?.title ?? name, () => {
        for (const test of testsOf(kernel, name)) {
          if (test.state === 'pending') {
            it(test.title);
            continue;
          }
          it(test.title, async function () {
            const report = await fleet.machineOf(kernel, name).report(test.title);
            if (report.state === 'pending') this.skip();
            if (report.error !== undefined) throw errorOf(report.error);
          });
        }
      });
    }
  });
}
