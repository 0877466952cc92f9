import { guests } from './guests';
import { needsOf, worksHere } from './engines';
import { expectSameAsNative } from './same';
import { cureForNobody } from './nobody';

for (const engine of ['auto', 'seccomp', 'ptrace', 'hybrid', 'ebpf']) {
  const needs = engine === 'hybrid' || engine === 'ebpf' ? ` (what it needs: ${needsOf[engine]})` : '';
  describe(`guest programs print the same as natively, with the engine ${engine}${needs}`, function () {
    this.timeout(60_000);
    for (const { name, title, words = [], uid, ...row } of guests) {
      const cure = uid === undefined ? undefined : cureForNobody();
      if (cure !== undefined) {
        it(`${name}: ${title} (needs: ${cure})`);
        continue;
      }
      const run = uid === undefined ? {} : { uid };
      it(`${name}: ${title}`, function () {
        if (!worksHere(engine, uid)) this.skip();
        const command = [`guest:${name}`, ...words];
        return expectSameAsNative({ command, flags: ['--engine', engine], run, ...row });
      });
    }
  });
}
