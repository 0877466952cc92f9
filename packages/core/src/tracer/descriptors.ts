import type { Epoll } from './epoll.js';
import type { Inotify } from './inotify.js';
import type { TraceeThread } from './process.js';

/** An open file that descriptors refer to. */
export interface Description {
  /** Of an epoll: it is local, and the number in the twin is that of the part that waits for what is remote. */
  readonly epoll?: Epoll;
  /** Of an inotify instance: it is local as long as the twin has none for it. */
  readonly inotify?: Inotify;
  /** The thread that has the twin make its own just now. */
  maker?: TraceeThread | undefined;
  /** Bytes that were read and could not be stored, of what cannot be put back by moving an offset. They are read next. */
  leftover: Buffer | undefined;
}

/** The number in the twin of a descriptor that the twin does not have, or not yet. */
export const NOT_THERE = -1;

/** A remote descriptor that a tracee has under a local number, which a placeholder holds. */
export interface RemoteDescriptor {
  /** Its number in the twin; NOT_THERE of a local one that may have a part there later. */
  number: number;
  /** Whether it is closed when the tracee executes a program. The twin's own mark says nothing: twins never exec. */
  cloexec: boolean;
  /** The absolute path that it was opened by, or that tracees have given it since, in latin1; undefined where it is not known. */
  path: string | undefined;
  /** What all copies of the descriptor have in common (open(2), "Open file descriptions"). */
  readonly description: Description;
  /** The file that it is of, device and inode, once that was asked for. */
  file?: string;
}

/** Not a local one that has a part in the twin, or may have one later. */
function isRemote({ number, description }: RemoteDescriptor): boolean {
  return number !== NOT_THERE && description.epoll === undefined;
}

/** No table that is of use to anybody is full below this number. */
const MANY = 32;

/** Where others read which numbers of a table are in use by it. */
export interface Marks {
  /** `isRemote`: it is not only local as yet, or in part. */
  mark(fd: number, isRemote: boolean): void;
  unmark(fd: number): void;
  /** Marks all numbers. */
  fill(): void;
  /** Marks these alone. What is marked before and after is marked all the time: threads call meanwhile. */
  settle(remotes: Iterable<readonly [fd: number, isRemote: boolean]>): void;
  /** How many there are that calls wait for on the server. */
  tell(awaited: number): void;
}

/** The remote descriptors of a tracee process by their local numbers, and the remote parts of local ones. */
export class DescriptorTable {
  private readonly remotes: Map<number, RemoteDescriptor>;
  private marks: Marks | undefined;
  /** Whether it has had local ones, whose parts in the twin come and go. */
  private hasParts = false;
  /** Those that calls have closed here whose threads have not stopped yet: their numbers have been given anew. */
  private readonly replaced = new Map<number, RemoteDescriptor[]>();
  /** The highest number that was ever remote. */
  private highest = -1;

  constructor(remotes: Iterable<readonly [number, RemoteDescriptor]> = []) {
    this.remotes = new Map(remotes);
    for (const { description } of this.remotes.values()) this.heedParts(description);
  }

  private heedParts({ epoll, inotify }: Description): void {
    this.hasParts ||= epoll !== undefined || inotify !== undefined;
  }

  /** From now on `marks` has the numbers of the table; undefined: nobody reads them. */
  markIn(marks: Marks | undefined): void {
    this.marks = marks;
    marks?.settle(this.marked());
    this.tellAwaited();
  }

  /**
   * A thread is about to run on with a number that is not known yet: until `then` has put it into the table, all may be it.
   */
  presume(then: () => void): void {
    this.marks?.fill();
    then();
    this.marks?.settle(this.marked());
  }

  private marked(): (readonly [fd: number, isRemote: boolean])[] {
    return [...this.remotes].map(([fd, descriptor]) => [fd, isRemote(descriptor)]);
  }

  /** Tells how many are waited for: that of local ones changes with the parts that the twin has of them. */
  tellAwaited(): void {
    if (this.marks === undefined) return;
    let awaited = this.remotes.size;
    if (this.hasParts) for (const fd of this.remotes.keys()) if (!this.awaited(fd)) awaited--;
    this.marks.tell(awaited);
  }

  /** Whether the process has had so many descriptors that it may come to the end of its table. */
  get mayBeFull(): boolean {
    return this.highest >= MANY;
  }

  /** Whether the twin has nothing of it. */
  get isEmpty(): boolean {
    for (const { number } of this.remotes.values()) if (number !== NOT_THERE) return false;
    return this.replaced.size === 0;
  }

  /** Whether there is nothing in it at all. */
  get isUnused(): boolean {
    return this.remotes.size === 0;
  }

  all(): IterableIterator<RemoteDescriptor> {
    return this.remotes.values();
  }

  get(fd: number): RemoteDescriptor | undefined {
    const descriptor = this.remotes.get(fd);
    return descriptor && isRemote(descriptor) ? descriptor : undefined;
  }

  /** The same, or the part that the twin has of a local one. */
  held(fd: number): RemoteDescriptor | undefined {
    return this.remotes.get(fd);
  }

  /** The descriptor that the twin waits for when the tracee waits for `fd`; undefined where that concerns this side alone. */
  awaited(fd: number): RemoteDescriptor | undefined {
    const descriptor = this.remotes.get(fd);
    if (descriptor?.description.epoll?.hasRemote) return descriptor;
    return descriptor && isRemote(descriptor) ? descriptor : undefined;
  }

  /** All descriptors of an open file. */
  of(description: Description): [fd: number, descriptor: RemoteDescriptor][] {
    return [...this.remotes].filter(([, descriptor]) => descriptor.description === description);
  }

  /** Whether there are any. */
  has(description: Description): boolean {
    return this.of(description).length > 0;
  }

  /** Returns the descriptor that held the number before. */
  set(fd: number, descriptor: RemoteDescriptor): RemoteDescriptor | undefined {
    const previous = this.remotes.get(fd);
    if (fd > this.highest) this.highest = fd;
    this.remotes.set(fd, descriptor);
    this.heedParts(descriptor.description);
    this.marks?.mark(fd, isRemote(descriptor));
    this.tellAwaited();
    return previous;
  }

  /**
   * The same at a number that the tracee's kernel has chosen: it was free. What the table has there has been closed by a claimed
   * call, of which the tracer has not been told yet.
   */
  place(fd: number, descriptor: RemoteDescriptor): void {
    const previous = this.set(fd, descriptor);
    if (previous) this.replaced.set(fd, [...(this.replaced.get(fd) ?? []), previous]);
  }

  /** Takes what had the number before it was given anew. */
  takeReplaced(fd: number): RemoteDescriptor | undefined {
    const [closed, ...others] = this.replaced.get(fd) ?? [];
    if (others.length > 0) this.replaced.set(fd, others);
    else this.replaced.delete(fd);
    return closed;
  }

  delete(fd: number): RemoteDescriptor | undefined {
    const descriptor = this.remotes.get(fd);
    this.forget(fd);
    return descriptor;
  }

  /** The local numbers from `first` to `last`, both included, that are remote. */
  within(first: number, last: number): number[] {
    return [...this.remotes.keys()].filter((fd) => fd >= first && fd <= last);
  }

  /** All that concern the server, by their local numbers; those that are deleted meanwhile are left out. */
  *entries(): IterableIterator<[number, RemoteDescriptor]> {
    for (const entry of this.remotes) if (this.awaited(entry[0])) yield entry;
  }

  /** What fork(2) gives the child. */
  copy(): DescriptorTable {
    const copy = new DescriptorTable([...this.remotes].map(([fd, descriptor]) => [fd, { ...descriptor }]));
    copy.highest = this.highest;
    return copy;
  }

  /** Forgets the descriptors that execve(2) closes, and returns their remote numbers. */
  closeOnExec(): number[] {
    const closed: number[] = [];
    for (const [fd, { cloexec, number }] of this.remotes) {
      if (!cloexec) continue;
      this.forget(fd);
      if (number !== NOT_THERE) closed.push(number);
    }
    return closed;
  }

  private forget(fd: number): void {
    if (!this.remotes.delete(fd)) return;
    this.marks?.unmark(fd);
    this.tellAwaited();
  }
}
