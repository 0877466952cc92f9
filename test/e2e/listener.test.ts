import { expect } from 'chai';
import { release } from 'node:os';
import { chooseEngine } from '@rsc/core/tracer/choice';
import { run } from './ending';
import { guest } from './places';
import { makeRoot, type Root } from './root';
import { embeddedCommand } from './rsc';

const notifies = chooseEngine('auto', release()).engine === 'notify';

/** Where it runs already, a process under a filter with a listener cannot have another one (seccomp(2), EBUSY). */
describe('under a filter that has a listener', function () {
  this.timeout(60_000);
  let root: Root;

  beforeEach(() => (root = makeRoot()));
  afterEach(() => root.remove());

  const within = (...flags: string[]): string[] => [
    guest('with-listener'),
    ...embeddedCommand(root.path, ['cat', 'one'], flags),
  ];

  const unlessOld = notifies ? it : it.skip;
  const cure = notifies ? '' : ' (run on Linux 6.18 or newer)';

  unlessOld(`takes the engine seccomp, and says so${cure}`, async () => {
    const { stdout, stderr, status } = await run(within());
    expect([stdout, stderr, status]).to.deep.equal([
      'one file, two names\n',
      'rsc: warning: took the engine seccomp: no notices can be had, as seccomp returned EBUSY\n',
      0,
    ]);
  });

  unlessOld(`refuses the engine notify${cure}`, async () => {
    const { stdout, stderr, status } = await run(within('--engine', 'notify'));
    expect([stdout, status]).to.deep.equal(['', 125]);
    expect(stderr).to.match(
      /^rsc: cannot catch the calls of \/\S+: seccomp returned EBUSY\n {2}try: run rsc where no filter has a listener already, or with --engine seccomp\n$/,
    );
  });
});
