import { expect } from 'chai';
import { climbs, isWithin, normalise, resolve } from '@rsc/core/tracer/paths';
import { defaultLocalPaths, isLocalPath } from '@rsc/core/tracer/local-paths';

const normalised: readonly (readonly [path: string, to: string])[] = [
  ['/', '/'],
  ['/a/b', '/a/b'],
  ['//a///b/', '/a/b'],
  ['/a/./b/.', '/a/b'],
  ['/a/../b', '/b'],
  ['/../../a', '/a'],
  ['/a/b/../../..', '/'],
  ['/a/...', '/a/...'],
  ['/a/..b/.c', '/a/..b/.c'],
];

describe('paths', () => {
  for (const [path, to] of normalised) {
    it(`normalises ${path} to ${to}`, () => {
      expect(normalise(path)).to.equal(to);
    });
  }

  it('resolves a relative path from its base', () => {
    expect(resolve('/work/a', '../b')).to.equal('/work/b');
  });

  it('resolves an absolute path without its base', () => {
    expect(resolve('/work', '/data/./x')).to.equal('/data/x');
  });

  it('takes a directory and what is below it as within, not its namesakes', () => {
    expect(['/usr', '/usr/bin', '/usrx', '/us'].map((path) => isWithin(path, '/usr'))).to.deep.equal([
      true,
      true,
      false,
      false,
    ]);
  });

  it('sees a component of two dots, not a name that begins with them', () => {
    expect(['..', 'a/..', '../a', 'a/../b', '..a', 'a..', 'a/...'].map(climbs)).to.deep.equal([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('keeps programs, devices and processes local, and the rest remote', () => {
    const paths = [
      '/usr/bin/cat',
      '/lib64/ld-linux-x86-64.so.2',
      '/dev/null',
      '/proc/self/status',
      '/etc/passwd',
      '/',
      '/home/x',
      '/lib3',
    ];
    expect(paths.map((path) => isLocalPath(path, defaultLocalPaths))).to.deep.equal([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
