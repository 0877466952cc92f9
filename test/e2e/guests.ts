import { nobody } from './nobody';
import { isInVm } from './places';
import type { Case } from './same';

/** A guest program (test/guest/NAME.c), which prints what it saw. */
export interface Guest extends Pick<Case, 'status' | 'prints'> {
  readonly name: string;
  readonly title: string;
  readonly words?: readonly string[];
  /** Who runs it; none: who runs the tests. */
  readonly uid?: number;
}

/** The corpus: every one of them prints the same natively and under rsc. */
export const guests: readonly Guest[] = [
  {
    name: 'descriptors',
    title: 'dup, close-on-exec, close_range, and offsets shared over fork',
    prints: 'abcdef',
  },
  { name: 'locks', title: 'locks between processes, between descriptions, and on whole files' },
  { name: 'iovecs', title: 'readv, writev and their positioned forms' },
  { name: 'directories', title: 'listings, and directories that change while they are read' },
  { name: 'seek', title: 'offsets, holes, truncation' },
  { name: 'append', title: 'O_APPEND from two processes' },
  {
    name: 'paths',
    title: 'the working directory and directory descriptors',
    prints: 'working directory: /work/rooms\n',
  },
  { name: 'mapping', title: 'private mappings of files' },
  { name: 'shared-maps', title: 'shared mappings of files', prints: 'what the killed one stored: O' },
  { name: 'threads', title: 'sixteen threads on sixteen files' },
  { name: 'interrupted', title: 'signals during a blocked read' },
  { name: 'timers', title: 'a signal every millisecond' },
  {
    name: 'signals',
    title: 'traps, other stacks, signals that are read, jobs that are stopped, timers beside threads',
    prints: 'on the alternate stack: 1, wrong: 0\n',
  },
  { name: 'waiting', title: 'a thread that waits holds up no other', status: 5 },
  { name: 'forks', title: 'fork, vfork, exec and posix_spawn' },
  {
    name: 'survivors',
    title: 'processes and threads that are killed amid calls, beside others that go on',
    words: [isInVm ? '4' : '20'],
    prints: 'wrong answers: 0\n',
  },
  { name: 'pointers', title: 'bad pointers' },
  { name: 'bad-memory', title: 'memory that is missing beside other errors: which of them it is' },
  { name: 'holes', title: 'reads and writes whose memory is missing in part' },
  { name: 'errnos', title: 'the errors of file calls' },
  { name: 'path-errnos', title: 'paths that lead nowhere, in each call' },
  { name: 'path-errnos', title: 'the same, and paths that are closed to nobody', uid: nobody },
  { name: 'descriptor-errnos', title: 'descriptors and pointers that a call cannot use, in each call' },
  { name: 'rare-errnos', title: 'the errors that one call alone gives' },
  { name: 'interrupted-waits', title: 'signals while a call waits for somebody else' },
  { name: 'requests', title: 'each request of ioctl and fcntl', prints: 'one of two: EDEADLK' },
  { name: 'foreign', title: "what nobody may not do to root's files", uid: nobody },
  { name: 'standard-input', title: 'standard streams that are files' },
  { name: 'copies', title: 'sendfile and copy_file_range' },
  { name: 'pumps', title: 'sendfile and splice between remote files and local ones, pipes, sockets' },
  { name: 'controls', title: 'ioctl on files' },
  { name: 'facts', title: 'stat, statx, openat2, statfs' },
  { name: 'modes', title: 'umask, modes, owners, times' },
  { name: 'attributes', title: 'extended attributes' },
  { name: 'epoll', title: 'files are not waited for, pipes are' },
  { name: 'polls', title: 'poll and select wait for what is remote' },
  { name: 'both-sides', title: 'poll and select wait for both sides at once, under masks, in many threads' },
  {
    name: 'epolls',
    title: 'epoll waits for both sides: levels, edges, once; copies, forks, signals, threads',
  },
  { name: 'watches', title: 'inotify watches remote paths; reads, polls and epolls wait for it' },
  { name: 'first-remote', title: 'threads share the first remote thing of an epoll, and of inotify' },
  { name: 'storms', title: 'threads wait for both sides in a storm of signals' },
  { name: 'pipes', title: 'pipes and memfds beside remote files' },
  { name: 'unnamed', title: 'files without a name' },
  { name: 'names-in-proc', title: 'paths in /proc, and calls on paths of both sides' },
  { name: 'unusual-opens', title: 'O_TMPFILE, O_PATH, O_DIRECT, FIFOs that do not wait' },
  { name: 'extremes', title: 'far offsets, long paths, odd names, many entries, many descriptors' },
  { name: 'seldom-called', title: 'calls that are older or younger than those of the C library' },
  { name: 'large', title: 'reads and writes larger than a frame' },
  { name: 'own-filter', title: 'a program with a seccomp filter of its own', prints: 'facts.st_size = 16' },
  { name: 'static-files', title: 'a static program' },
];
