import { expect } from 'chai';
import { bytesOfSet, DescriptorSets, PollArray } from '@rsc/core/tracer/watched';

const POLLIN = 1;
const POLLOUT = 4;
const POLLRDNORM = 0x40;

function pollfds(...entries: readonly (readonly [fd: number, events: number, revents?: number])[]): Buffer {
  const bytes = Buffer.alloc(entries.length * 8);
  entries.forEach(([fd, events, revents = 0], index) => {
    bytes.writeInt32LE(fd, index * 8);
    bytes.writeInt16LE(events, index * 8 + 4);
    bytes.writeInt16LE(revents, index * 8 + 6);
  });
  return bytes;
}

function bits(size: number, ...fds: readonly number[]): Buffer {
  const bytes = Buffer.alloc(size);
  for (const fd of fds) bytes[fd >> 3] = (bytes[fd >> 3] ?? 0) | (1 << (fd & 7));
  return bytes;
}

describe('the descriptors that a poll waits for', () => {
  it('are those that are not negative', () => {
    const bytes = pollfds([3, POLLIN], [-1, POLLIN], [3, POLLOUT], [-7, 0], [0, 0]);
    expect(new PollArray(0, 0x1000n, bytes).fds).to.deep.equal([3, 3, 0]);
  });

  it('have other numbers on another side, where those that it does not have are left out', () => {
    const { count, memory } = new PollArray(
      0,
      0x1000n,
      pollfds([3, POLLIN, 9], [-5, POLLIN], [4, POLLOUT]),
    ).translate((fd) => (fd === 3 ? 12 : undefined));
    expect(count).to.equal(3);
    expect(memory).to.deep.equal([[0, pollfds([12, POLLIN, 9], [-1, POLLIN], [-1, POLLOUT])]]);
  });

  it('get back their events alone, from each side its own', () => {
    const polled = new PollArray(0, 0x1000n, pollfds([3, POLLIN, 9], [4, POLLOUT, 9], [-1, 0, 9]));
    const there = polled.translate((fd) => (fd === 3 ? 12 : undefined));
    const here = polled.translate((fd) => (fd === 4 ? 4 : undefined));
    there.take([pollfds([12, POLLIN, POLLIN], [-1, POLLOUT, 0x55], [-1, 0])]);
    here.take([pollfds([-1, POLLIN], [4, POLLOUT, POLLOUT], [-1, 0])]);
    expect(polled.ready).to.equal(2);
    expect(polled.pieces()).to.deep.equal([
      [0x1006n, Buffer.from([POLLIN, 0])],
      [0x100en, Buffer.from([POLLOUT, 0])],
      [0x1016n, Buffer.from([0, 0])],
    ]);
  });

  it('are readable as far as they were asked for that', () => {
    const polled = new PollArray(0, 0n, pollfds([3, POLLIN | POLLOUT], [3, POLLOUT], [4, POLLRDNORM]));
    polled.markReadable((fd) => fd === 3);
    expect(polled.ready).to.equal(1);
    expect(polled.pieces().map(([, bytes]) => bytes.readInt16LE())).to.deep.equal([POLLIN, 0, 0]);
  });
});

describe('the descriptors that a select waits for', () => {
  const sets = (): DescriptorSets =>
    new DescriptorSets(
      [
        { register: 1, addr: 0x1000n, bytes: bits(16, 3, 70, 72), reads: true },
        { register: 3, addr: 0x2000n, bytes: bits(16, 3), reads: false },
      ],
      71,
    );

  it('are those in any set, under the number that is given', () => {
    expect(sets().fds).to.deep.equal([3, 70]);
  });

  it('have other numbers on another side, in sets as long as these need', () => {
    const { count, memory } = sets().translate((fd) => (fd === 3 ? 129 : 0));
    expect(count).to.equal(130);
    expect(memory).to.deep.equal([
      [1, bits(24, 0, 129)],
      [3, bits(24, 129)],
    ]);
  });

  it('leave the sets with what is ready in them, and nothing else', () => {
    const watched = sets();
    const { take } = watched.translate((fd) => (fd === 3 ? 129 : 0));
    take([bits(24, 0, 5), bits(24, 0, 129)]);
    expect(watched.ready).to.equal(2);
    expect(watched.pieces()).to.deep.equal([
      [0x1000n, bits(16, 70)],
      [0x2000n, bits(16, 3)],
    ]);
  });

  it('are readable where they stand in the set for that', () => {
    const watched = sets();
    watched.markReadable((fd) => fd === 3);
    expect(watched.pieces().map(([, bytes]) => bytes)).to.deep.equal([bits(16, 3), bits(16)]);
  });

  it('fill whole words', () => {
    expect([0, 1, 64, 65, 1024].map(bytesOfSet)).to.deep.equal([0, 8, 8, 16, 128]);
  });
});
