import { constants as files } from 'node:fs';
import { constant } from '@rsc/core/abi/constants';
import { HERE, type Kind, type Model } from './model';

const {
  O_RDONLY,
  O_WRONLY,
  O_RDWR,
  O_CREAT,
  O_EXCL,
  O_TRUNC,
  O_APPEND,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_NONBLOCK,
} = files;
const O_PATH = constant('O_PATH');
const O_CLOEXEC = constant('O_CLOEXEC');
const O_TMPFILE = constant('O_TMPFILE');
const NOFOLLOW = constant('AT_SYMLINK_NOFOLLOW');
const EMPTY_PATH = constant('AT_EMPTY_PATH');

/** An operation, as the guest program reads it. */
type Write = (model: Model) => string;

const flagsOf = ({ chance }: Model): number => {
  const access = chance.of([O_RDONLY, O_WRONLY, O_RDWR, O_RDWR, O_RDWR]);
  const more = [O_EXCL, O_TRUNC, O_APPEND, O_NOFOLLOW, O_NONBLOCK, O_CLOEXEC, O_DIRECTORY];
  return more.reduce((flags, flag) => (chance.happens(8) ? flags | flag : flags), access);
};

function open(model: Model, name: string, flags: number, kind: Kind | undefined): string {
  const directory = model.directory();
  const slot = model.newSlot();
  if (directory === HERE) model.open(slot, kind);
  return `open ${slot} ${directory} ${name} ${flags} ${model.mode()}`;
}

const openThere: Write = (model) => {
  const name = model.there('file', 'file', 'link', 'directory');
  return open(model, name, flagsOf(model), model.kindOf(name) === 'file' ? 'file' : undefined);
};

const openNew: Write = (model) => {
  const name = model.free();
  model.make(name, 'file');
  return open(model, name, flagsOf(model) | O_CREAT, model.kindOf(name) === 'file' ? 'file' : undefined);
};

const openDirectory: Write = (model) => {
  const name = model.chance.happens(30) ? '.' : model.there('directory');
  return open(model, name, O_RDONLY | O_DIRECTORY, 'directory');
};

/** Needs an open directory: where none is, one is opened first. */
function ofDirectory(write: (slot: number, model: Model) => string): Write {
  return (model) => (model.has('directory') ? write(model.slot('directory'), model) : openDirectory(model));
}

const openPath: Write = (model) => {
  const name = model.there();
  const flags = model.chance.of([O_PATH, O_PATH | O_NOFOLLOW, O_PATH | O_DIRECTORY]);
  return open(model, name, flags, model.kindOf(name) === 'directory' ? 'directory' : 'link');
};

const openUnnamed: Write = (model) => {
  const name = model.chance.happens(50) ? '.' : model.there('directory');
  return open(model, name, O_TMPFILE | O_RDWR, 'file');
};

const openLocal: Write = (model) => {
  const slot = model.localSlot();
  model.open(slot, 'local');
  return `local ${slot}`;
};

const create: Write = (model) => {
  const name = model.chance.happens(70) ? model.free() : model.there('file');
  const slot = model.newSlot();
  model.make(name, 'file');
  model.open(slot, 'file');
  return `creat ${slot} ${name} ${model.mode()}`;
};

const close: Write = (model) => {
  const slot = model.chance.happens(10) ? model.localSlot() : model.slot('file', 'directory', 'link');
  model.close(slot);
  return `close ${slot}`;
};

/** A copy keeps to the slots of its side. */
function copied(model: Model, write: (from: number, to: number) => string): string {
  const isLocal = model.chance.happens(12);
  const from = isLocal ? model.localSlot() : model.slot('file', 'directory', 'link');
  const to = isLocal ? model.localSlot() : model.newSlot();
  model.copy(from, to);
  return write(from, to);
}

const makeDirectory: Write = (model) => {
  const name = model.free();
  const directory = model.directory();
  if (directory === HERE) model.make(name, 'directory');
  return `mkdir ${directory} ${name} ${model.mode()}`;
};

const removeDirectory: Write = (model) => {
  const name = model.there('directory');
  model.remove(name);
  return model.chance.happens(50) ? `rmdir ${name}` : `unlink ${HERE} ${name} ${constant('AT_REMOVEDIR')}`;
};

const unlink: Write = (model) => {
  const name = model.there('file', 'link');
  const directory = model.directory();
  if (directory === HERE) model.remove(name);
  return `unlink ${directory} ${name} 0`;
};

const rename: Write = (model) => {
  const [from, to] = [model.there(), model.chance.happens(60) ? model.free() : model.there()];
  model.move(from, to);
  return `rename ${from} ${to}`;
};

const RENAME = { noReplace: 1, exchange: 2, both: 3 } as const;

const renameWith: Write = (model) => {
  const { chance } = model;
  const flags = chance.of([0, RENAME.noReplace, RENAME.exchange, RENAME.both]);
  const [from, to] = [model.there(), flags === RENAME.exchange ? model.there() : model.free()];
  if (flags !== RENAME.exchange) model.move(from, to);
  return `renameat2 ${model.directory()} ${from} ${model.directory()} ${to} ${flags}`;
};

const link: Write = (model) => {
  const [from, to] = [model.there('file', 'link'), model.free()];
  model.make(to, model.kindOf(from) ?? 'file');
  const flags = model.chance.of([0, 0, constant('AT_SYMLINK_FOLLOW')]);
  return `link ${model.directory()} ${from} ${model.directory()} ${to} ${flags}`;
};

const symlink: Write = (model) => {
  const target = model.chance.happens(80) ? model.there() : model.chance.of(['.', 'nowhere', 'a', 'd', '-']);
  const name = model.free();
  model.make(name, 'link');
  return `symlink ${target} ${model.directory()} ${name}`;
};

const lock: Write = (model) => {
  const { chance } = model;
  const command = chance.of(['F_SETLK', 'F_SETLK', 'F_GETLK', 'F_OFD_SETLK', 'F_OFD_GETLK'] as const);
  const range = `${chance.of([0, 0, 0, 1, 2])} ${chance.below(50)} ${chance.below(20)}`;
  return `lock ${model.file()} ${constant(command)} ${chance.below(3)} ${range}`;
};

const setFlags: Write = (model) => {
  const flags = model.chance.of([0, O_APPEND, O_NONBLOCK, O_APPEND | O_NONBLOCK]);
  return `fcntl ${model.file()} ${constant('F_SETFL')} ${flags}`;
};

/** Plain, KEEP_SIZE, PUNCH_HOLE, COLLAPSE_RANGE, ZERO_RANGE, INSERT_RANGE, and one that there is not. */
const fallocateModes = [0, 0x01, 0x03, 0x08, 0x10, 0x11, 0x20, 0x1000];

const fallocate: Write = (model) => {
  const block = model.chance.happens(30);
  const from = block ? 4096 * model.chance.below(3) : model.nearPlace();
  const length = block ? 4096 : model.length();
  return `fallocate ${model.file()} ${model.chance.of(fallocateModes)} ${from} ${length}`;
};

const attributeOf = ({ chance }: Model): string =>
  chance.happens(70) ? 'user.one' : chance.of(['user.two', 'user.', 'nonsense', 'user.long200']);
const valueOf = ({ chance }: Model): string => chance.of(['-', 'x', 'longer', 'long300']);
const lookOf = ({ chance }: Model): number => chance.of([0, NOFOLLOW, EMPTY_PATH]);
const timeOf = ({ chance }: Model): number => 1_000_000_000 + chance.below(1_000_000);

/** All that a sequence is made of, and how often each occurs. */
export const operations: readonly (readonly [weight: number, write: Write])[] = [
  [8, openThere],
  [8, openNew],
  [4, openDirectory],
  [2, openPath],
  [1, openUnnamed],
  [2, openLocal],
  [2, create],
  [7, close],
  [6, (m) => `read ${m.file()} ${m.length()}`],
  [4, (m) => `pread ${m.file()} ${m.length()} ${m.place()}`],
  [8, (m) => `write ${m.file()} ${m.length()} ${m.chance.below(256)}`],
  [4, (m) => `pwrite ${m.file()} ${m.length()} ${m.chance.below(256)} ${m.nearPlace()}`],
  [2, (m) => `readv ${m.file()} ${m.chance.below(200)} ${m.length()}`],
  [2, (m) => `writev ${m.file()} ${m.chance.below(200)} ${m.length()} ${m.chance.below(256)}`],
  [2, (m) => `preadv ${m.file()} ${m.chance.below(200)} ${m.length()} ${m.place()}`],
  [2, (m) => `pwritev ${m.file()} ${m.chance.below(200)} ${m.length()} ${m.nearPlace()}`],
  [5, (m) => `lseek ${m.file()} ${m.nearPlace()} ${m.chance.of([0, 0, 1, 2, 3, 4, 5, -1])}`],
  [3, (m) => copied(m, (from, to) => `dup ${from} ${to}`)],
  [3, (m) => copied(m, (from, to) => `dup2 ${from} ${to} ${m.number()}`)],
  [2, (m) => copied(m, (from, to) => `dup3 ${from} ${to} ${m.number()} ${m.chance.of([0, O_CLOEXEC, 1])}`)],
  [2, (m) => copied(m, (from, to) => `dupfd ${from} ${to} ${constant('F_DUPFD')} ${m.number()}`)],
  [1, (m) => copied(m, (from, to) => `dupfd ${from} ${to} ${constant('F_DUPFD_CLOEXEC')} ${m.number()}`)],
  [2, (m) => `fcntl ${m.slot('file', 'directory', 'link', 'local')} ${constant('F_GETFD')} 0`],
  [2, (m) => `fcntl ${m.slot('file', 'directory', 'link', 'local')} ${constant('F_GETFL')} 0`],
  [1, (m) => `fcntl ${m.slot('file', 'directory')} ${constant('F_SETFD')} ${m.chance.below(2)}`],
  [2, setFlags],
  [5, lock],
  [3, (m) => `flock ${m.file()} ${m.chance.of([1, 2, 8])}`],
  [3, (m) => `ftruncate ${m.file()} ${m.nearPlace()}`],
  [2, (m) => `truncate ${m.there('file')} ${m.nearPlace()}`],
  [3, (m) => `${m.chance.of(['stat', 'lstat'])} ${m.there()}`],
  [3, (m) => `fstat ${m.slot('file', 'directory', 'link', 'local')}`],
  [2, (m) => `fstatat ${m.directory()} ${m.there()} ${lookOf(m)}`],
  [2, (m) => `statx ${m.directory()} ${m.there()} ${lookOf(m)}`],
  [1, (m) => `fstatat ${m.slot('file', 'directory', 'link')} - ${EMPTY_PATH}`],
  [2, (m) => `access ${m.there()} ${m.chance.below(9)}`],
  [6, makeDirectory],
  [2, removeDirectory],
  [4, unlink],
  [4, rename],
  [4, renameWith],
  [4, link],
  [4, symlink],
  [3, (m) => `readlink ${m.directory()} ${m.there('link')} ${m.chance.of([100, 100, 1, 0])}`],
  [2, (m) => `chmod ${m.directory()} ${m.there()} ${m.mode()}`],
  [1, (m) => `fchmod ${m.file()} ${m.mode()}`],
  [2, (m) => `umask ${m.chance.of(['022', '0', '077', '027'])}`],
  [2, (m) => `chdir ${m.chance.happens(40) ? '~' : m.there('directory', 'link')}`],
  [2, ofDirectory((slot) => `fchdir ${slot}`)],
  [3, (m) => `getcwd ${m.chance.of([4096, 4096, 4096, 1, 0])}`],
  [6, ofDirectory((slot, m) => `list ${slot} ${m.chance.of([4096, 4096, 64, 10])}`)],
  [4, fallocate],
  [4, (m) => `copy ${m.file()} ${m.placeOrNone()} ${m.file()} ${m.placeOrNone()} ${m.length()}`],
  [4, (m) => `sendfile ${m.file()} ${m.file()} ${m.placeOrNone()} ${m.length()}`],
  [2, (m) => `utimens ${m.directory()} ${m.there()} ${timeOf(m)} ${timeOf(m)} ${m.chance.of([0, NOFOLLOW])}`],
  [
    4,
    (m) => `setxattr ${m.there('file')} ${attributeOf(m)} ${valueOf(m)} ${m.chance.of([0, 0, 0, 1, 2, 3])}`,
  ],
  [1, (m) => `fsetxattr ${m.file()} ${attributeOf(m)} y 0`],
  [3, (m) => `getxattr ${m.there('file')} ${attributeOf(m)} ${m.chance.of([0, 1, 1000])}`],
  [1, (m) => `removexattr ${m.there('file')} ${attributeOf(m)}`],
  [2, (m) => `listxattr ${m.there('file')}`],
];
