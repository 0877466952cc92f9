import { guests } from './guests';
import { cureForEngine } from './engines';
import { expectSameAsNative } from './same';
import { cureForNobody } from './nobody';

for (const engine of ['auto', 'seccomp', 'ptrace', 'hybrid', 'ebpf']) {
  describe(`guest programs print the same as natively, with the engine ${engine}`, function () {
    this.timeout(60_000);
    for (const { name, title, uid, ...row } of guests) {
      const cure = cureForEngine(engine, uid) ?? (uid === undefined ? undefined : cureForNobody());
      if (cure !== undefined) {
        it(`${name}: ${title} (needs: ${cure})`);
        continue;
      }
      const run = uid === undefined ? {} : { uid };
      it(`${name}: ${title}`, () =>
        expectSameAsNative({ command: [`guest:${name}`], flags: ['--engine', engine], run, ...row }));
    }
  });
}
