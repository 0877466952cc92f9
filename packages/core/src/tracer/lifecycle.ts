/** How tracees come, change and go: fork(2), clone(2), execve(2), exit(2). */
import type { ControlFrame } from '../protocol/frames.js';
import { childOf, cloneFlags, shareOf } from './birth.js';
import type { Context } from './calls/context.js';
import { leaveMaps } from './calls/synchronise.js';
import { DescriptorTable } from './descriptors.js';
import type { Holder } from './holder.js';
import { TraceeProcess, TraceeThread } from './process.js';
import { isScript } from './script.js';
import { SharedMaps } from './shared-maps.js';
import type { Steps } from './steps.js';
import type { Target } from './target.js';
import type { Tracees } from './tracees.js';

/** Keeps the tracees, and the twins with them, as their kernel does. */
export class Lifecycle {
  private nextStream = 1;
  private nextTwin = 1;

  constructor(
    private readonly holder: Holder,
    private readonly tracees: Tracees,
    private readonly context: Context,
    /** Sends a frame about twins. */
    private readonly tell: (frame: ControlFrame) => void,
  ) {
    context.processOf = (tid) => tracees.get(tid)?.process;
    context.processes = () => new Set([...tracees.all()].map(({ process }) => process));
  }

  /** Takes in the first tracee, which is seized and about to execute its program. */
  adopt(pid: number, image: string, remoteDirectory: string | undefined): void {
    const process = new TraceeProcess(pid, 0, new DescriptorTable(), { remote: remoteDirectory });
    process.image = image;
    this.tracees.add(new TraceeThread(pid, this.nextStream++, process, this.holder.kernel.registerCount));
    this.holder.claims?.join(process);
  }

  /** Takes in a running process, whose threads have been seized; returns them. */
  adoptRunning({ pid, image }: Target, tids: readonly number[]): TraceeThread[] {
    const process = new TraceeProcess(pid, 0, new DescriptorTable(), { remote: undefined });
    process.image = image;
    this.holder.claims?.join(process);
    this.holder.claims?.doubt(image);
    return tids.map((tid) => {
      const thread = new TraceeThread(tid, this.nextStream++, process, this.holder.kernel.registerCount);
      this.tracees.add(thread);
      return thread;
    });
  }

  /** The thread, which stands in a stop, has made a new task; with `waits` it waits for that (vfork(2)). */
  spawned(thread: TraceeThread, waits: boolean): TraceeThread | undefined {
    // Where every call stops, this one has yet to stop at its exit.
    thread.isInside = true;
    const tid = this.holder.kernel.eventMessage(thread.tid);
    // The thread was killed at this very stop.
    if (tid <= 0) return undefined;
    const flags = cloneFlags(this.context.step, thread, this.holder.stopped);
    const child = childOf(thread, flags, { tid, stream: this.nextStream++, twin: this.nextTwin });
    if (child.process !== thread.process) {
      this.nextTwin++;
      const { twin } = thread.process;
      this.tell({ type: 'fork', parent: twin, child: child.process.twin, share: shareOf(flags) });
    }
    if (child.process !== thread.process) this.holder.claims?.join(child.process);
    child.process.holdsParent = waits && child.process !== thread.process;
    if (this.tracees.add(child)) this.holder.goOn(child);
    return child;
  }

  /**
   * A program has been executed: the process has one thread, new memory, and no close-on-exec descriptors. Returns that
   * thread, which stands in a stop, and the steps that it has to take there.
   */
  executed(leader: TraceeThread): { readonly thread: TraceeThread; readonly steps: Steps } {
    const { process } = leader;
    const former = this.holder.kernel.eventMessage(leader.tid);
    const thread = this.tracees.get(former) ?? leader;
    // Where every call stops, this one has yet to stop at its exit.
    thread.isInside = true;
    for (const other of [...process.threads]) if (other !== thread) this.remove(other);
    if (thread !== leader) this.tracees.rename(thread, leader.tid);
    // A child of vfork(2) leaves its pages to the parent, whose memory it had.
    if (thread.scratch !== 0n) process.freeScratch.push(thread.scratch);
    process.freeScratch = [];
    thread.scratch = 0n;
    process.image = thread.nextImage || process.image;
    process.holdsParent = false;
    process.remoteImage = thread.nextRemoteImage;
    process.rightName = thread.nextName;
    thread.nextRemoteImage = thread.nextName = '';
    if (isScript(process.image)) process.script = process.image;
    this.leaveMemory(process);
    this.unshareDescriptors(process);
    // The program may read itself by its name, wherever that leads.
    this.holder.claims?.doubt(process.image);
    return { thread, steps: this.closeAll(thread, process.descriptors.closeOnExec()) };
  }

  /** The thread is no more. */
  ended(thread: TraceeThread): void {
    const { process } = thread;
    if (thread.scratch !== 0n) process.freeScratch.push(thread.scratch);
    this.remove(thread);
    if (process.threads.size > 0) return;
    this.holder.claims?.leave(process);
    this.leaveMemory(process);
    this.tell({ type: 'exit', twin: process.twin });
  }

  private leaveMemory(process: TraceeProcess): void {
    leaveMaps(this.context, process);
    process.maps = new SharedMaps();
  }

  private *closeAll(thread: TraceeThread, numbers: readonly number[]): Steps {
    for (const number of numbers) yield* this.context.step.close(thread, number);
    return undefined;
  }

  /** A process that executes a program leaves a descriptor table that it shared with another (execve(2)). */
  private unshareDescriptors(process: TraceeProcess): void {
    if (!this.tracees.shareDescriptors(process)) return;
    const { twin } = process;
    process.twin = this.nextTwin++;
    process.descriptors = process.descriptors.copy();
    this.tell({ type: 'fork', parent: twin, child: process.twin, share: 0 });
    this.tell({ type: 'exit', twin });
    this.holder.claims?.join(process);
  }

  private remove(thread: TraceeThread): void {
    if (thread.isWaiting) this.tell({ type: 'cancel', stream: thread.stream });
    this.holder.claims?.forget(thread.tid);
    this.tracees.remove(thread);
  }
}
