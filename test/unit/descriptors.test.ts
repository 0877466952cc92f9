import { expect } from 'chai';
import { DescriptorTable, NOT_THERE, type RemoteDescriptor } from '@rsc/core/tracer/descriptors';
import { Epoll } from '@rsc/core/tracer/epoll';
import { Inotify } from '@rsc/core/tracer/inotify';
import { remoteDescriptor } from './tracee';

function tableWith(fd: number, descriptor: RemoteDescriptor): DescriptorTable {
  const table = new DescriptorTable();
  table.set(fd, descriptor);
  return table;
}

describe('the table of descriptors', () => {
  it('has remote ones as remote, held and awaited', () => {
    const remote = remoteDescriptor(12);
    const table = tableWith(3, remote);
    expect([table.get(3), table.held(3), table.awaited(3)]).to.deep.equal([remote, remote, remote]);
  });

  it('keeps what had a number that the kernel gives anew, until its close is told', () => {
    const [first, second] = [remoteDescriptor(12), remoteDescriptor(13)];
    const table = tableWith(3, first);
    table.place(3, second);
    expect([table.get(3), table.takeReplaced(3), table.get(3)]).to.deep.equal([second, first, second]);
    expect([table.takeReplaced(3), table.takeReplaced(4)]).to.deep.equal([undefined, undefined]);
  });

  it('has an epoll as a local one, which is awaited there once it has something remote', () => {
    const epoll = new Epoll();
    const own = { ...remoteDescriptor(NOT_THERE), description: { leftover: undefined, epoll } };
    const table = tableWith(3, own);
    expect([table.get(3), table.held(3), table.awaited(3)]).to.deep.equal([undefined, own, undefined]);
    own.number = 7;
    epoll.hasRemote = true;
    expect([table.get(3), table.held(3), table.awaited(3)]).to.deep.equal([undefined, own, own]);
  });

  it('has an inotify instance as a local one until the twin has it', () => {
    const own = {
      ...remoteDescriptor(NOT_THERE),
      description: { leftover: undefined, inotify: new Inotify() },
    };
    const table = tableWith(3, own);
    expect([table.get(3), table.held(3), table.awaited(3)]).to.deep.equal([undefined, own, undefined]);
    own.number = 7;
    expect([table.get(3), table.held(3), table.awaited(3)]).to.deep.equal([own, own, own]);
  });

  it('closes on exec what the twin has, and forgets the rest', () => {
    const table = tableWith(3, { ...remoteDescriptor(12), cloexec: true });
    table.set(4, { ...remoteDescriptor(NOT_THERE), cloexec: true });
    table.set(5, remoteDescriptor(13));
    expect(table.closeOnExec()).to.deep.equal([12]);
    expect([3, 4, 5].map((fd) => table.held(fd)?.number)).to.deep.equal([undefined, undefined, 13]);
  });

  it('knows the copies of an open file', () => {
    const remote = remoteDescriptor(12);
    const table = tableWith(3, remote);
    table.set(9, { ...remote, number: 15 });
    table.set(4, remoteDescriptor(16));
    expect(table.of(remote.description).map(([fd]) => fd)).to.deep.equal([3, 9]);
    expect(table.copy().has(remote.description)).to.equal(true);
  });
});
