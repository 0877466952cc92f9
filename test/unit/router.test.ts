import { expect } from 'chai';
import { CompiledPolicy } from '@rsc/core/policy/compile';
import { policyOfSet } from '@rsc/core/policy/policy';
import { Router, type Route } from '@rsc/core/tracer/router';
import { callOf, remoteDescriptor, thread } from './tracee';

const AT_FDCWD = -100n;
const router = new Router(new CompiledPolicy(policyOfSet('file')));

/** Where newfstatat of a path goes, and what is sent in its place. */
function routeOf(directory: string | undefined, path: string, dirfd = AT_FDCWD): Route {
  const caller = thread(directory);
  caller.process.image = '/home/me/tool';
  caller.process.descriptors.set(5, remoteDescriptor(3, '/data/sub'));
  return router.routeOf(callOf(caller, 'newfstatat', [dirfd, 1n, 2n, 0n], { 1: path }));
}

const there: Route = { side: 'remote' };
const here: Route = { side: 'local' };

describe('the router', () => {
  const rows: readonly (readonly [title: string, route: Route, expected: Route])[] = [
    ['sends an absolute path to the server', routeOf('/', '/etc/passwd'), there],
    ['keeps a default-local path', routeOf('/', '/usr/bin/cat'), here],
    ['keeps the program that runs', routeOf('/', '/home/me/tool'), here],
    ['sends a relative path from a remote directory', routeOf('/work', 'x'), there],
    [
      'names a local path that is relative to a remote directory',
      routeOf('/', 'usr/bin'),
      { side: 'local', paths: new Map([[1, '/usr/bin']]) },
    ],
    ['sends a relative path of a remote descriptor', routeOf('/', '../x', 5n), there],
    ['takes an empty path to the owner of the descriptor', routeOf('/', '', 5n), there],
    [
      'straightens a path that climbs out of a local directory',
      routeOf('/', '/usr/../data/x'),
      { side: 'remote', paths: new Map([[1, '/data/x']]) },
    ],
    [
      'straightens a path that climbs into a local directory',
      routeOf('/', '/data/../usr/x'),
      { side: 'local', paths: new Map([[1, '/usr/x']]) },
    ],
  ];
  for (const [title, route, expected] of rows) {
    it(title, () => {
      expect(route).to.deep.equal(expected);
    });
  }

  it('refuses to rename from one side to the other', () => {
    const call = callOf(thread('/'), 'rename', [1n, 2n], { 0: '/tmp/x', 1: '/usr/x' });
    expect(router.routeOf(call)).to.deep.equal({ side: 'refused', errno: 18 });
  });

  it('lets a descriptor that is not open go where the other one leads', () => {
    const caller = thread('/');
    caller.process.descriptors.set(5, remoteDescriptor(3, '/data/sub'));
    const notOpen = 99_999n;
    const linked = (to: string): Route =>
      router.routeOf(callOf(caller, 'linkat', [notOpen, 1n, AT_FDCWD, 2n, 0n], { 1: 'a', 3: to }));
    const sent = router.routeOf(callOf(caller, 'sendfile', [notOpen, 5n, 0n, 1n]));
    expect([linked('/tmp/x'), linked('/usr/x'), sent]).to.deep.equal([there, here, there]);
  });

  it('follows a descriptor whatever the set', () => {
    const caller = thread(undefined);
    caller.process.descriptors.set(4, remoteDescriptor(9));
    const routes = [4n, 3n].map((fd) => router.routeOf(callOf(caller, 'read', [fd, 1n, 2n])));
    expect(routes).to.deep.equal([there, here]);
  });

  it('keeps a call that is only remote by name, unless it is named', () => {
    const all = new Router(new CompiledPolicy(policyOfSet('all,getppid')));
    const routes = ['getppid', 'getpid'].map((name) => all.routeOf(callOf(thread('/'), name, [])));
    expect(routes).to.deep.equal([there, here]);
  });

  describe('by rules', () => {
    const byRules = new Router(
      new CompiledPolicy({
        version: 1,
        default: 'local',
        rules: [
          { paths: ['/data/secret/**'], route: 'deny', errno: 'EACCES' },
          { program: ['/bin/git'], paths: ['/data/**'], route: 'local' },
          { syscalls: 'file', paths: ['/data/**', '/usr/share/data/**'], route: 'remote' },
          { syscalls: 'write', origin: 'remote', route: 'deny', errno: 'EROFS' },
          { syscalls: 'statfs', route: 'local' },
        ],
      }),
    );
    const at = (directory: string | undefined, image = '/bin/cat'): ReturnType<typeof thread> => {
      const caller = thread(directory);
      caller.process.image = image;
      caller.process.descriptors.set(4, remoteDescriptor(9, '/data/sub'));
      return caller;
    };
    const stat = (directory: string | undefined, path: string, image?: string): Route =>
      byRules.routeOf(callOf(at(directory, image), 'stat', [1n, 2n], { 0: path }));

    const routes: readonly (readonly [title: string, route: Route, expected: Route])[] = [
      ['sends what they name', stat(undefined, '/data/x'), there],
      ['sends what they name below a default-local path', stat(undefined, '/usr/share/data/x'), there],
      ['keeps what they do not name', stat('/data', '/etc/passwd'), here],
      ['sends a relative path of a remote directory', stat('/data', 'x'), there],
      [
        'keeps a path that climbs out of what they name',
        stat('/data', '../etc/x'),
        { side: 'local', paths: new Map([[0, '/etc/x']]) },
      ],
      [
        'keeps for a program what they send for others',
        stat('/data', 'x', '/bin/git'),
        { side: 'local', paths: new Map([[0, '/data/x']]) },
      ],
      ['keeps the program that runs', stat(undefined, '/data/tool', '/data/tool'), here],
      [
        'refuses a mount as long as they send some paths',
        byRules.routeOf(callOf(at(undefined), 'chroot', [1n], { 0: '/x' })),
        { side: 'refused', errno: 1, because: 'it would change what local paths mean' },
      ],
      ['runs umask on both sides', byRules.routeOf(callOf(at(undefined), 'umask', [0n])), there],
    ];
    for (const [title, route, expected] of routes) {
      it(title, () => {
        expect(route).to.deep.equal(expected);
      });
    }

    it('denies by path, from wherever it is named', () => {
      const denied = [
        ['/data', 'secret/x'],
        [undefined, '/data/secret'],
        ['/data/sub', '../secret/./y'],
        ['/data', 'x'],
      ].map(([directory, path]) =>
        byRules.denialOf(callOf(at(directory), 'stat', [1n, 2n], { 0: path ?? '' })),
      );

      const denial = { side: 'refused', errno: 13 };
      expect(denied).to.deep.equal([denial, denial, denial, undefined]);
    });

    it('denies by the side of a descriptor', () => {
      const writes = [4n, 1n].map((fd) => callOf(at(undefined), 'write', [fd, 1n, 2n]));

      expect(writes.map((call) => [byRules.mayDeny(call), byRules.denialOf(call)])).to.deep.equal([
        [true, { side: 'refused', errno: 30 }],
        [true, undefined],
      ]);
    });

    it('looks at a directory only where a path begins at it', () => {
      const byOrigin = new Router(
        new CompiledPolicy({
          version: 1,
          default: 'local',
          rules: [{ syscalls: 'openat', origin: 'remote', route: 'deny', errno: 'EACCES' }],
        }),
      );
      const opens = ['x', '/x', ''].map((path) =>
        callOf(at(undefined), 'openat', [4n, 1n, 0n, 0n], { 1: path }),
      );

      expect(opens.map((call) => byOrigin.denialOf(call)?.errno)).to.deep.equal([13, undefined, 13]);
    });
  });
});
