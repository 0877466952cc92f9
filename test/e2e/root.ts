import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isFolder, mountPoints } from './local-paths';
import { besideSource } from './places';

/** Before any run of a test: what has it was not touched. */
const longAgo = new Date('2024-02-29T12:34:56Z');

/**
 * A server's root: a tree of files of every kind that the programs work on, the same every time. Nothing of it exists
 * on the tracee's machine.
 */
export interface Root {
  readonly path: string;
  remove(): void;
}

export function makeRoot(uid = process.getuid?.() ?? 0): Root {
  const base = mkdtempSync(join(tmpdir(), 'rsc-e2e-'));
  const path = join(base, 'root');
  chmodSync(base, 0o755);
  for (const point of mountPoints) place(join(path, point), isFolder(point) ? folder() : file(''));
  for (const [name, make] of Object.entries(contents)) place(join(path, name), make);
  settle(path, uid);
  if (process.getuid?.() === 0) {
    for (const [name, make] of Object.entries(foreign)) place(join(path, name), make);
    settle(join(path, 'shared'), 0);
    own(path, uid);
  }
  return { path, remove: () => rmSync(base, { recursive: true, force: true }) };
}

function place(path: string, make: Maker): void {
  mkdirSync(dirname(path), { recursive: true });
  make(path);
}

type Maker = (path: string) => void;

const file =
  (content: string | Buffer, mode = 0o644): Maker =>
  (path) => {
    writeFileSync(path, content);
    chmodSync(path, mode);
  };
const folder =
  (mode = 0o755): Maker =>
  (path) => {
    mkdirSync(path, { recursive: true });
    chmodSync(path, mode);
  };
const symlink =
  (target: string): Maker =>
  (path) =>
    symlinkSync(target, path);
const hardLink =
  (name: string): Maker =>
  (path) =>
    linkSync(join(dirname(path), name), path);
const fifo: Maker = (path) => execFileSync('mkfifo', [path]);

/** Bytes without a pattern that a page or a frame could hide. */
function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0, state = 12345; i < size; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

const numbers = Array.from({ length: 1000 }, (_, i) => `${(i * 7919) % 1000} line number ${i}\n`).join('');

const contents: Record<string, Maker> = {
  'tmp/': folder(0o1777),
  'etc/passwd': file('captain:x:0:0::/work:/bin/sh\npassenger:x:65534:65534::/work:/bin/sh\n'),
  'etc/group': file('crew:x:0:\npassengers:x:65534:\n'),
  'work/notes.txt': file('a note that only the server has\nsecond line\nlast line without an end'),
  'work/poem.txt': file('Über allen Gipfeln\nIst Ruh,\nIn allen Wipfeln\nSpürest du\nKaum einen Hauch;\n'),
  'work/numbers.txt': file(numbers),
  'work/empty': file(''),
  'work/noise.bin': file(noise(3 << 20)),
  'work/script.sh': file('#!/bin/sh\necho from the script\n', 0o755),
  'work/read-only': file('cannot be changed\n', 0o444),
  'work/name with spaces': file('spaces\n'),
  'work/größe': file('not ASCII\n'),
  'work/one': file('one file, two names\n'),
  'work/two': hardLink('one'),
  'work/link': symlink('notes.txt'),
  'work/far-link': symlink('/work/library/a/first.txt'),
  'work/dangling': symlink('nowhere'),
  'work/library/a/first.txt': file('first book\n'),
  'work/library/a/second.txt': file('second book\nabout a note\n'),
  'work/library/b/deep/er/still/third.txt': file('third book\n'),
  'work/library/b/back': symlink('../a'),
  'work/library/empty-room/': folder(0o750),
  'work/fifo': fifo,
  'work/scripts/': (path) => cpSync(besideSource('scripts'), path, { recursive: true }),
};

/** What is root's, whoever has all else: there where root makes it. */
const foreign: Record<string, Maker> = {
  'shared/': folder(0o1777),
  'shared/theirs': file('owned by root\n'),
  'shared/room/': folder(),
};

/** Gives all of it one owner and one time, the deepest first: what is in a directory changes the directory's. */
function settle(path: string, uid: number): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) settle(inside, uid);
    else own(inside, uid);
  }
  own(path, uid);
}

function own(path: string, uid: number): void {
  lchownSync(path, uid, uid);
  lutimesSync(path, longAgo, longAgo);
}
