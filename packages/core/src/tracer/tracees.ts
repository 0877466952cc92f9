import type { TraceeProcess, TraceeThread } from './process.js';

/** All threads that are traced, and how many of them the kernel and the server have. */
export class Tracees {
  private readonly byId = new Map<number, TraceeThread>();
  private readonly byStream = new Map<number, TraceeThread>();
  /** Tasks whose first stop has come before the stop of the thread that made them. */
  private readonly unborn = new Set<number>();
  /** Threads that the kernel has: a wait will tell of them. */
  running = 0;
  /** Threads whose calls are on the server. */
  inFlight = 0;

  get isEmpty(): boolean {
    return this.byId.size === 0;
  }

  all(): IterableIterator<TraceeThread> {
    return this.byId.values();
  }

  get(tid: number): TraceeThread | undefined {
    return this.byId.get(tid);
  }

  ofStream(stream: number): TraceeThread | undefined {
    return this.byStream.get(stream);
  }

  /** Takes in a new thread. True when it has stopped already, and has to be resumed. */
  add(thread: TraceeThread): boolean {
    this.byId.set(thread.tid, thread);
    this.byStream.set(thread.stream, thread);
    this.running++;
    if (!this.unborn.delete(thread.tid)) return false;
    this.hold(thread);
    return true;
  }

  /** A task that no thread is known to have made has stopped, or ended. */
  meetUnborn(tid: number, hasEnded: boolean): void {
    if (hasEnded) this.unborn.delete(tid);
    else this.unborn.add(tid);
  }

  /** The thread has stopped. */
  hold(thread: TraceeThread): void {
    if (!thread.held) this.running--;
    thread.held = true;
  }

  /** The thread goes on. */
  release(thread: TraceeThread): void {
    if (thread.held) this.running++;
    thread.held = false;
  }

  /** Forgets a thread that has ended. */
  remove(thread: TraceeThread): void {
    if (!thread.held) this.running--;
    if (thread.isWaiting) this.inFlight--;
    thread.process.threads.delete(thread);
    this.byId.delete(thread.tid);
    this.byStream.delete(thread.stream);
  }

  /** The thread has a new id. */
  rename(thread: TraceeThread, tid: number): void {
    this.byId.delete(thread.tid);
    thread.tid = tid;
    this.byId.set(tid, thread);
  }

  /** Forgets all: the kernel has no more of them. */
  clear(): void {
    this.byId.clear();
    this.byStream.clear();
  }

  /** Whether another process has the same descriptor table (CLONE_FILES). */
  shareDescriptors(process: TraceeProcess): boolean {
    for (const other of this.byId.values()) {
      if (other.process !== process && other.process.descriptors === process.descriptors) return true;
    }
    return false;
  }
}
