import { expect } from 'chai';
import { magicLinkAt } from '@rsc/core/tracer/magic-links';
import type { TraceeProcess } from '@rsc/core/tracer/process';
import { remoteDescriptor, thread } from './tracee';

describe('links in /proc and /dev', () => {
  const { process } = thread('/');
  const { process: other } = thread(undefined);
  for (const fd of [0, 5]) process.descriptors.set(fd, remoteDescriptor(fd));
  other.descriptors.set(7, remoteDescriptor(7));

  const linkAt = (name: string) =>
    magicLinkAt(process, name, (tid): TraceeProcess | undefined => (tid === 2 ? other : undefined));
  const found = (name: string) => {
    const link = linkAt(name);
    return link && `${link.process === other ? 'other ' : ''}${link.of}${link.below}`;
  };

  it('lead to remote descriptors of the process itself, and of others that are traced', () => {
    const names = [
      ...['/proc/self/fd/5', '/proc/thread-self/fd/5', '/proc/1/task/9/fd/5', '/dev/fd/5/x', '/dev/stdin'],
      ...['/proc/2/fd/7', '/proc/2/fd/5', '/proc/3/fd/5', '/proc/self/fd/6', '/x/5'],
    ];
    expect(names.map(found)).to.deep.equal([
      ...['5', '5', '5', '5/x', '0'],
      ...['other 7', undefined, undefined, undefined, undefined],
    ]);
  });

  it('lead to the directory that a process is in, where that is remote, and to the root', () => {
    const names = [
      '/proc/self/cwd',
      '/proc/self/cwd/x',
      '/proc/2/cwd',
      '/proc/self/root/x',
      '/proc/self/rootx',
    ];
    expect(names.map(found)).to.deep.equal(['cwd', 'cwd/x', undefined, 'root/x', undefined]);
  });

  it("lead to a program where it is the server's", () => {
    expect(found('/proc/self/exe')).to.equal(undefined);
    process.remoteImage = '/bin/x';
    expect(found('/proc/self/exe')).to.equal('exe');
  });
});
