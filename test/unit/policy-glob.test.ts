import { expect } from 'chai';
import { Globs } from '@rsc/core/policy/glob';

const rows: readonly (readonly [glob: string, matches: string, matchesNot: string])[] = [
  ['/data/x', '/data/x', '/data /data/x/y /data/xy /x'],
  ['/data/**', '/data /data/x /data/x/y', '/database / /x/data'],
  ['/**', '/ /x /x/y', ''],
  ['/', '/', '/x'],
  ['/data/*', '/data/x /data/.x', '/data /data/x/y'],
  ['/data/*.txt', '/data/a.txt /data/.txt', '/data/a.txt.gz /data/b/a.txt /data/atxt'],
  ['/**/git', '/git /usr/bin/git', '/usr/bin/gitk /git/x'],
  ['/a/**/b', '/a/b /a/x/b /a/x/y/b', '/a/xb /ab /a/b/c'],
  ['/**/.venv/**', '/.venv /x/.venv /x/.venv/lib/y', '/x/.venvs'],
  ['/l?g', '/log /lög', '/lg /loog /l/g'],
  ['/l??', '/log /löö', '/lö'],
  ['/[a-c]x', '/ax /cx', '/dx //x'],
  ['/[!a-c]x', '/dx', '/ax //x'],
  ['/a\\*b', '/a*b', '/axb'],
  ['/a.b+c', '/a.b+c', '/axb+c /a.bbc'],
  ['/ö/**', '/ö/x', '/o/x'],
  ['/x[.^]', '/x. /x^', '/xy'],
];

/** A path as the tracer has it: bytes. */
function bytes(path: string): string {
  return Buffer.from(path, 'utf8').toString('latin1');
}

describe('a glob', () => {
  for (const [glob, matches, matchesNot] of rows) {
    it(`${glob} matches ${matches || 'nothing'}, not ${matchesNot || 'nothing'}`, () => {
      const globs = new Globs([glob]);
      const matched = (paths: string) =>
        paths.split(' ').filter((path) => path !== '' && globs.matches(bytes(path)));

      expect([matched(matches).join(' '), matched(matchesNot)]).to.deep.equal([matches, []]);
    });
  }

  it('matches where any of several does, and the same the second time', () => {
    const globs = new Globs(['/a', '/b/**', '/c*', '/**/d']);
    const paths = ['/a', '/b/x', '/cx', '/x/d', '/e', '/cx', '/e'];

    expect(paths.map((path) => globs.matches(path))).to.deep.equal([
      true,
      true,
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  it('matches names with any bytes in them', () => {
    expect(new Globs(['/data/*/x']).matches('/data/\xff\n/x')).to.equal(true);
  });
});
