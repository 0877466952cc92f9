import type { ThreadState, TraceeProcess, TraceeThread } from './process.js';

/** All threads that are traced, and how many of them are in which state. */
export class Tracees {
  private readonly byId = new Map<number, TraceeThread>();
  private readonly byStream = new Map<number, TraceeThread>();
  /** Tasks whose first stop has come before the stop of the thread that made them. */
  private readonly unborn = new Set<number>();
  private readonly counts: Record<ThreadState, number> = {
    running: 0,
    noticed: 0,
    remote: 0,
    parked: 0,
    both: 0,
    local: 0,
    returning: 0,
    held: 0,
  };

  get isEmpty(): boolean {
    return this.byId.size === 0;
  }

  /** Whether any thread may make a call, its own or one for the tracer. */
  get mayCall(): boolean {
    return this.counts.running + this.counts.local + this.counts.both > 0;
  }

  /** Whether nothing can be expected but answers of the server, and signals. */
  get allWait(): boolean {
    return this.inFlight > 0 && this.deaf + this.counts.parked + this.counts.held === this.byId.size;
  }

  get allHeld(): boolean {
    return this.counts.held === this.byId.size;
  }

  /** All processes that are traced. */
  processes(): Set<TraceeProcess> {
    return new Set([...this.byId.values()].map(({ process }) => process));
  }

  /** Threads whose calls are on the server. */
  get inFlight(): number {
    return this.deaf + this.counts.parked + this.counts.both;
  }

  /** Threads whose calls are on the server, and which signals do not reach. */
  get deaf(): number {
    return this.counts.noticed + this.counts.remote;
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

  /** The thread changes its state. */
  move(thread: TraceeThread, state: ThreadState): void {
    this.counts[thread.state]--;
    this.counts[state]++;
    thread.state = state;
  }

  /** Takes in a new thread. True when it has stopped already, and has to be resumed. */
  add(thread: TraceeThread): boolean {
    this.byId.set(thread.tid, thread);
    this.byStream.set(thread.stream, thread);
    this.counts[thread.state]++;
    return this.unborn.delete(thread.tid);
  }

  /** A task that no thread is known to have made has stopped, or ended. */
  meetUnborn(tid: number, hasEnded: boolean): void {
    if (hasEnded) this.unborn.delete(tid);
    else this.unborn.add(tid);
  }

  /** Forgets a thread that has ended. */
  remove(thread: TraceeThread): void {
    this.counts[thread.state]--;
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
    for (const thread of this.byId.values()) this.counts[thread.state]--;
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
