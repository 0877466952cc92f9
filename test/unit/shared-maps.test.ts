import { expect } from 'chai';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mapCalls } from '@rsc/core/abi/sets';
import { SharedImage } from '@rsc/core/tracer/shared-image';
import { SharedMaps } from '@rsc/core/tracer/shared-maps';

const PAGE = 4096;
const page = BigInt(PAGE);

describe('the shared maps of a process', () => {
  const image = new SharedImage('1:2', -1);
  const hold = { twin: 0, descriptor: 5, writable: true };

  function mapped(): SharedMaps {
    const maps = new SharedMaps();
    maps.hold(image, hold);
    maps.add({ addr: 10n * page, length: 4n * page - 7n, image, offset: 2n * page });
    return maps;
  }

  const whole = (maps: SharedMaps) =>
    maps
      .within(0n, 100n * page)
      .map(({ addr, length, offset }) => [addr, length, offset].map((n) => n / page));

  it('are split by unmapping their middle', () => {
    const maps = mapped();
    expect(maps.remove(11n * page, page)).to.deep.equal([]);
    expect(whole(maps)).to.deep.equal([
      [10n, 1n, 2n],
      [12n, 2n, 4n],
    ]);
  });

  it('tell which part of them lies in a range', () => {
    const found = mapped().within(12n * page, 9n * page);
    expect(found).to.deep.equal([{ addr: 12n * page, length: 2n * page, image, offset: 4n * page }]);
  });

  it('tell what nothing maps any more', () => {
    const maps = mapped();
    expect(maps.remove(0n, 12n * page)).to.deep.equal([]);
    expect(maps.remove(12n * page, 2n * page)).to.deep.equal([image]);
    expect(maps.maps(image)).to.equal(false);
  });

  it('give way to a map at the same place', () => {
    const maps = mapped();
    maps.add({ addr: 13n * page, length: page, image, offset: 0n });
    expect(whole(maps)).to.deep.equal([
      [10n, 3n, 2n],
      [13n, 1n, 0n],
    ]);
  });

  it('are copied by fork with descriptors in the twin of the child', () => {
    const copy = mapped().copy(7);
    expect(copy.holdOf(image)).to.deep.equal({ ...hold, twin: 7 });
    expect(whole(copy)).to.deep.equal([[10n, 4n, 2n]]);
  });
});

describe('the image of a file', () => {
  let folder: string;
  let path: string;
  let memory: number;
  let image: SharedImage;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rsc-image-'));
    path = join(folder, 'memory');
    memory = openSync(path, 'w+');
    image = new SharedImage('1:2', memory);
    image.resize(3 * PAGE);
    image.want(0, 3 * PAGE);
    image.take(0, Buffer.alloc(3 * PAGE, 'a'));
  });

  afterEach(() => {
    closeSync(memory);
    rmSync(folder, { recursive: true });
  });

  const store = (text: string, at: number) => writeSync(memory, text, at);
  const changes = () => [...image.changes()].map(({ offset, bytes }) => [offset, bytes.toString()]);

  it('has what the file has, and no changes', () => {
    expect(readFileSync(path, 'latin1')).to.equal('a'.repeat(3 * PAGE));
    expect(changes()).to.deep.equal([]);
  });

  it('finds what was stored, to the byte', () => {
    store('one', 10);
    store('x', 2 * PAGE);
    store('y', 2 * PAGE + 3);
    expect(changes()).to.deep.equal([
      [10, 'one'],
      [2 * PAGE, 'xaay'],
    ]);
  });

  it('joins changes that meet at the edge of a page', () => {
    store('meet', PAGE - 2);
    expect(changes()).to.deep.equal([[PAGE - 2, 'meet']]);
  });

  it('tells a change once the server has it no more', () => {
    store('one', 10);
    for (const patch of image.changes()) image.settle(patch);
    expect(changes()).to.deep.equal([]);
  });

  it('takes what others wrote, and keeps what was stored here', () => {
    store('mine', 100);
    const theirs = Buffer.alloc(3 * PAGE, 'a');
    theirs.write('theirs, and more', 98);
    image.take(0, theirs);
    expect(readFileSync(path, 'latin1').slice(98, 114)).to.equal('thmine, and more');
    expect(changes()).to.deep.equal([[100, 'mine']]);
  });

  it('has no changes behind the end of the file', () => {
    store('gone', 2 * PAGE - 2);
    image.resize(2 * PAGE - 1);
    ftruncateSync(memory, 3 * PAGE);
    expect(changes()).to.deep.equal([[2 * PAGE - 2, 'g']]);
  });

  it('keeps chunks of zeroes apart once something is stored in one', () => {
    image.resize(4 << 20);
    for (const offset of image.want(1 << 20, 3 << 20)) image.take(offset, Buffer.alloc(1 << 20));
    store('one', 1 << 20);
    for (const patch of image.changes()) image.settle(patch);
    store('two', 2 << 20);
    expect(changes()).to.deep.equal([[2 << 20, 'two']]);
  });

  it('wants the chunks of a range that are not filled', () => {
    image.resize(5 << 20);
    expect(image.want(PAGE, (2 << 20) + 1)).to.deep.equal([1 << 20, 2 << 20]);
    expect([...image.chunks()]).to.deep.equal([0, 1 << 20, 2 << 20]);
  });
});

describe('the calls at which a tracee stops that maps remote files, shared', () => {
  it('are those that change or synchronise maps', () => {
    expect(mapCalls()).to.deep.equal(['mremap', 'msync', 'munmap']);
  });
});
