import { expect } from 'chai';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plainEnv, run, type Ending } from './ending';
import { rscProgram } from './places';
import { printed, Scene, work } from './policy-scene';
import { rscRunAt } from './rsc';

describe('the active policy', function () {
  this.timeout(60_000);
  let scene: Scene;
  let config: string;
  const begin = (command: readonly string[]): Promise<Ending> =>
    // Sessions that run on this machine are none of the test's.
    run(command, { env: { ...plainEnv, XDG_CONFIG_HOME: config, XDG_RUNTIME_DIR: scene.here } });
  const rsc = (...words: readonly string[]): Promise<Ending> =>
    begin([process.execPath, rscProgram, ...words]);
  const both = (...flags: readonly string[]): Promise<Ending> =>
    begin(rscRunAt(scene.root.path, ...flags, '--', 'cat', '/work/one', `${scene.here}/note`));

  beforeEach(() => {
    scene = new Scene();
    config = join(scene.here, 'config');
  });
  afterEach(() => {
    scene.remove();
  });

  it('holds for sessions that are not told otherwise, until it is unloaded', async () => {
    const onBothSides = 'one file, two names\na note that only this machine has\n';

    await rsc('policy', 'load', scene.policy(work));
    const active = await both();
    const overruled = await both('--syscalls', 'file');
    const other = await both('--policy', 'file');
    await rsc('policy', 'unload');
    const without = await both();

    expect(active).to.deep.equal(printed(onBothSides));
    expect([overruled, other, without].map(({ stdout }) => stdout)).to.deep.equal(
      Array(3).fill('one file, two names\n'),
    );
  });

  it('is what explain goes by, where no other is named', async () => {
    await rsc('policy', 'load', scene.policy(work));

    expect(await rsc('policy', 'explain', 'stat("/work/one", NULL)')).to.deep.equal(
      printed(
        'stat("/work/one", NULL) runs on the server\n  rule 1 (line 3) decides: remote: paths /work/**\n',
      ),
    );
  });

  it('is none for a user who runs with the home of another', async () => {
    mkdirSync(join(config, 'rsc'), { recursive: true, mode: 0o700 });
    writeFileSync(join(config, 'rsc/policy.yaml'), 'version: 1\npreset: dev\n');
    chmodSync(config, 0o700);
    chmodSync(scene.here, 0o755);
    const show = run([process.execPath, rscProgram, 'policy', 'show'], {
      uid: 65534,
      env: { ...plainEnv, XDG_CONFIG_HOME: config },
    });

    expect((await show).stdout).to.match(/^no policy is active/);
  });

  it('that cannot be read is an error, not a run without it', async () => {
    mkdirSync(join(config, 'rsc/policy.yaml'), { recursive: true });
    const { stderr, status } = await both();

    expect({ stderr, status }).to.deep.equal({
      stderr:
        `rsc: cannot read the active policy ${config}/rsc/policy.yaml: EISDIR\n` +
        '  try: name a policy with --policy FILE or calls with --syscalls SET, or: rsc policy unload\n',
      status: 125,
    });
  });

  it('is told with what changes', async () => {
    const kept = join(config, 'rsc/policy.yaml');
    const first = scene.policy(work);
    const loaded = await rsc('policy', 'load', first);
    const shown = await rsc('policy', 'show');
    const second = await rsc('policy', 'load', scene.policy('paths: /x, route: local', work));
    const unloaded = await rsc('policy', 'unload');

    expect(loaded).to.deep.equal(
      printed(
        `${first}: active for new sessions, 1 rule; kept in ${kept}\n` +
          '- remote: syscalls file\n+ remote: paths /work/**\n  local: what no rule matches\n',
      ),
    );
    expect(shown).to.deep.equal(
      printed(
        `active policy ${kept}: 1 rule\n  1          remote  paths /work/**\n  otherwise  local   what no rule matches\n`,
      ),
    );
    expect(second.stdout).to.include('+ local: paths /x\n  remote: paths /work/**\n');
    expect(unloaded.stdout).to.match(/^\S+: no longer active, rsc run sends the set file again\n/);
    expect(existsSync(kept)).to.equal(false);
  });

  it('stays as it was where the new one has mistakes', async () => {
    await rsc('policy', 'load', scene.policy(work));
    const refused = await rsc('policy', 'load', scene.policy('route: remot'));

    expect(refused.status).to.equal(2);
    expect((await rsc('policy', 'show')).stdout).to.include('paths /work/**');
  });

  it('stops a run when somebody has broken it, and says how to be rid of it', async () => {
    await rsc('policy', 'load', scene.policy(work));
    writeFileSync(join(config, 'rsc/policy.yaml'), 'version: 7\n');
    const { stdout, stderr, status } = await both();

    expect({ stdout, status }).to.deep.equal({ stdout: '', status: 2 });
    expect(stderr).to.include('policy.yaml:1:10: expected version 1').and.include('rsc policy unload');
  });

  it('says which folder it cannot write to', async () => {
    writeFileSync(config, 'a file');

    expect(await rsc('policy', 'load', 'dev')).to.deep.equal(
      printed(
        '',
        `rsc: cannot write ${config}/rsc/policy.yaml: ENOTDIR\n  try: name a folder that you can write to: XDG_CONFIG_HOME=DIR\n`,
        125,
      ),
    );
  });
});
