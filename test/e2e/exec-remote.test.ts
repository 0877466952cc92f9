import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Ending } from './ending';
import { runEmbedded } from './rsc';

/** Programs of the server's root, which this machine does not have. */
describe('programs that come from the server', function () {
  this.timeout(60_000);
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'rsc-exec-'));
    mkdirSync(join(root, 'work'));
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const there = (...command: string[]): Promise<Ending> =>
    runEmbedded(root, command, {}, ['--exec', 'remote']);

  function script(path: string, text: string): void {
    writeFileSync(join(root, path), text);
    chmodSync(join(root, path), 0o755);
  }

  /** A copy of a program with all that it loads, in which words are changed: of the same length. */
  function copyChanged(file: string, changes: Readonly<Record<string, string>>): void {
    const libraries = execFileSync('ldd', [file], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
    for (const path of [file, ...libraries]) {
      let bytes = readFileSync(path, 'latin1');
      for (const [from, to] of Object.entries(changes)) bytes = bytes.replaceAll(from, to);
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), bytes, 'latin1');
      chmodSync(join(root, path), 0o755);
    }
  }

  describe('of a root that has one static program', () => {
    beforeEach(() => {
      mkdirSync(join(root, 'bin'));
      copyFileSync('/bin/busybox', join(root, 'bin/only-there'));
      symlinkSync('only-there', join(root, 'bin/sh'));
    });

    it('run, and run others', async () => {
      expect(existsSync('/bin/only-there')).to.equal(false);
      const line =
        'echo $0; pwd; ls /; sh -c "exit 7"; echo $?; readlink /proc/self/exe; cat /proc/$$/comm; true';
      const stdout = 'sh\n/work\nbin\nwork\n7\n/bin/only-there\nsh\n';
      expect(await there('sh', '-c', line)).to.deep.equal({ stdout, stderr: '', status: 0 });
    });

    it('are found behind the first line of a script, and of a script that starts that', async () => {
      script('work/inner', '#!/bin/sh -e\necho "$0 $*"; exit 3\n');
      script('work/outer', '#! /work/inner  one  word \n');
      const endings = [await there('./inner', 'a', 'b'), await there('./outer', 'a')];
      expect(endings).to.deep.equal([
        { stdout: './inner a b\n', stderr: '', status: 3 },
        { stdout: '/work/inner one  word ./outer a\n', stderr: '', status: 3 },
      ]);
    });

    it('pass on many arguments to a script', async () => {
      script('work/count', '#!/bin/sh\neval "last=\\${$#}"; echo $# $last\n');
      const words = Array.from({ length: 3000 }, (_, index) => `word-${index}`);
      expect((await there('./count', ...words)).stdout).to.equal('3000 word-2999\n');
    });

    it('cannot be executed for the reasons that execve(2) has', async () => {
      writeFileSync(join(root, 'work/text'), 'no program\n');
      script('work/garbage', '\x7fELF and no more');
      script('work/no-interpreter', '#!/nowhere\n');
      script('work/itself', '#!/work/itself\n');
      mkdirSync(join(root, 'work/folder'));
      const words = ['text', 'garbage', 'no-interpreter', 'itself', 'folder', 'nowhere', 'text/below'];
      const errors: string[] = [];
      for (const word of words) errors.push((await there(`./${word}`)).stderr);
      const because = [
        'Permission denied',
        'Exec format error',
        'No such file or directory',
        'Too many levels of symbolic links',
        'Permission denied',
        'No such file or directory',
        'Not a directory',
      ];
      expect(errors).to.deep.equal(
        words.map((word, index) => `rsc: cannot run ./${word}: ${because[index] ?? ''}\n`),
      );
    });
  });

  it('run with their own interpreter and libraries', async () => {
    copyChanged('/bin/ls', {
      'cannot access': 'cannot ACCESS',
      'No such file or directory': 'No such file or DIRECTORY',
      'error while loading': 'error while LOADING',
    });
    expect(await there('ls', 'nowhere')).to.deep.equal({
      stdout: '',
      stderr: "ls: cannot ACCESS 'nowhere': No such file or DIRECTORY\n",
      status: 2,
    });
    unlinkSync(join(root, 'lib/x86_64-linux-gnu/libselinux.so.1'));
    // The words of the interpreter.
    expect((await there('ls')).stderr).to.include(
      'ls: error while LOADING shared libraries: libselinux.so.1',
    );
  });

  it('are known by their own name', async () => {
    copyChanged('/bin/cat', {});
    expect((await there('/bin/cat', '/proc/self/comm')).stdout).to.equal('cat\n');
  });

  it('are not taken from this machine', async () => {
    expect(await there('/bin/ls')).to.deep.equal({
      stdout: '',
      stderr: 'rsc: cannot run /bin/ls: No such file or directory\n',
      status: 127,
    });
    expect(await there('ls')).to.deep.equal({
      stdout: '',
      stderr:
        'rsc: cannot run ls: no such program in PATH on the server\n' +
        '  try: name it by its path there, or run a program of this machine: --exec local\n',
      status: 127,
    });
  });
});
