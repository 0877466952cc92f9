import { expect } from 'chai';
import { CompiledPolicy } from '@rsc/core/policy/compile';
import { policyOfSet } from '@rsc/core/policy/policy';
import { descriptorNamed, Router, type Route } from '@rsc/core/tracer/router';
import { callOf, thread } from './tracee';

const AT_FDCWD = -100n;
const router = new Router(new CompiledPolicy(policyOfSet('file')));

/** Where newfstatat of a path goes, and what is sent in its place. */
function routeOf(directory: string | undefined, path: string, dirfd = AT_FDCWD): Route {
  const caller = thread(directory);
  caller.process.image = '/home/me/tool';
  caller.process.descriptors.set(5, { number: 3, cloexec: false, path: '/data/sub' });
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

  it('follows a descriptor whatever the set', () => {
    const caller = thread(undefined);
    caller.process.descriptors.set(4, { number: 9, cloexec: false, path: undefined });
    const routes = [4n, 3n].map((fd) => router.routeOf(callOf(caller, 'read', [fd, 1n, 2n])));
    expect(routes).to.deep.equal([there, here]);
  });

  it('keeps a call that is only remote by name, unless it is named', () => {
    const all = new Router(new CompiledPolicy(policyOfSet('all,getppid')));
    const routes = ['getppid', 'getpid'].map((name) => all.routeOf(callOf(thread('/'), name, [])));
    expect(routes).to.deep.equal([there, here]);
  });

  it('finds the remote descriptor that a path names', () => {
    const { process } = thread('/');
    for (const fd of [0, 5]) process.descriptors.set(fd, { number: fd, cloexec: false, path: undefined });
    const found = [
      '/proc/self/fd/5',
      '/dev/fd/5/x',
      '/dev/stdin',
      '/proc/1/fd/5',
      '/proc/2/fd/5',
      '/proc/self/fd/6',
      '/x/5',
    ].map((name) => descriptorNamed(process, name));
    expect(found).to.deep.equal([
      { fd: 5, below: '' },
      { fd: 5, below: '/x' },
      { fd: 0, below: '' },
      { fd: 5, below: '' },
      undefined,
      undefined,
      undefined,
    ]);
  });
});
