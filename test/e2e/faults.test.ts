import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './ending';
import { guestMount } from './local-paths';
import { nativeCommand } from './native';
import { guest } from './places';
import { makeRoot } from './root';
import { rscRun } from './rsc';
import { expectSameAsNative } from './same';
import { startServer } from './server';

/** Runs `script`, a line of sh with the directory as $0, in a mount namespace of its own, before the command. */
function mounting(script: string, directory: string): string[] {
  return ['unshare', '--mount', 'sh', '-c', `${script} && exec "$@"`, directory];
}

function made(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}

const readOnly = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"';
/** 640 pages; six nodes, of which the root is one. */
const small = 'mount -t tmpfs -o size=2560k,nr_inodes=6 small "$0"';

/** Why nothing can be mounted here, in the form of the cure; undefined where it can. */
function cure(): string | undefined {
  const canMount = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'x', '/mnt']).status === 0;
  return canMount ? undefined : 'run the tests as root, with CAP_SYS_ADMIN';
}

function cureOfFuse(): string | undefined {
  return spawnSync('test', ['-w', '/dev/fuse']).status === 0 ? cure() : 'have /dev/fuse: modprobe fuse';
}

function itIf(missing: string | undefined, title: string, body: () => Promise<void>): void {
  if (missing === undefined) it(title, body);
  else it(`${title} - to have this tested: ${missing}`);
}

describe('what fails on the server fails as natively', function () {
  this.timeout(60_000);

  for (const engine of ['auto', 'seccomp']) {
    const flags = ['--engine', engine];

    itIf(cure(), `a file system that is full, with the engine ${engine}`, () =>
      expectSameAsNative({
        command: ['guest:full'],
        prints: 'then ENOSPC',
        within: (root) => mounting(small, made(join(root, 'work/small'))),
        flags,
      }),
    );

    itIf(cureOfFuse(), `a file system that has an error for every call, with the engine ${engine}`, () =>
      expectSameAsNative({
        command: ['guest:faults'],
        prints: 'close(flushed) = EDQUOT',
        within: (root) => [guest('faulty-files'), made(join(root, 'work/faulty'))],
        flags,
      }),
    );
  }

  itIf(cure(), 'a file system that may only be read', () =>
    expectSameAsNative({
      command: ['guest:read-only'],
      prints: 'read-only: 1',
      within: (root) => mounting(readOnly, join(root, 'work/library')),
    }),
  );

  itIf(cure(), 'a server that may only read', async () => {
    const root = makeRoot();
    const server = await startServer(root.path, { options: ['--read-only'] });
    try {
      const native = nativeCommand(root.path, [`${guestMount}/read-only`]);
      const remote = rscRun('--server', server.url, '--cwd', '/work', '--', guest('read-only'));
      const expected = await run([...mounting(readOnly, root.path), ...native]);
      expect(expected.stdout).to.include('mkdir("new", 0755) = EROFS');
      expect(await run(remote)).to.deep.equal(expected);
    } finally {
      await server.stop();
      root.remove();
    }
  });
});
