import { errno } from '../abi/errno.js';
import { encodeFrame, type ControlFrame } from '../protocol/frames.js';
import { Call, describe } from './call.js';
import { childOf, cloneFlags, shareOf } from './birth.js';
import { begin } from './calls/begin.js';
import type { Context } from './calls/context.js';
import type { Channel } from './channel.js';
import { DescriptorTable } from './descriptors.js';
import type { FrameWriter } from './frame-writer.js';
import type { Kernel } from './kernel.js';
import { MAX_BATCH } from './marshal.js';
import { TraceeProcess, TraceeThread } from './process.js';
import { decodeEvent, Request, type TraceeEvent } from './ptrace.js';
import { Registers } from './registers.js';
import { isScript } from './script.js';
import { Tracees } from './tracees.js';
import { parseReply, violationOf } from './reply.js';
import type { Answer, Stepper } from './steps.js';

/** A call that has no answer after so long is parked. */
export const PARK_AFTER_MS = 5;

/** Internal results by which a kernel's signal delivery restarts a call (linux/errno.h). */
const ERESTARTSYS = 512n;
const restarts = new Set([-512n, -513n, -514n, -516n]);
const SIGKILL = 9;
/** After so many waits for the server alone, the next one will probably be of that kind too. */
const STAYS_ALONE = 8;

/** How the traced program ended. */
export interface Ending {
  /** The exit status, when no signal ended it. */
  readonly status: number;
  /** 0 when it exited. */
  readonly signal: number;
}

/** What the tracer is made of. */
export interface Parts {
  readonly kernel: Kernel;
  readonly channel: Channel;
  readonly stepper: Stepper;
  readonly context: Context;
  /** Tells the operator something that the tracee cannot be told. */
  readonly warn: (line: string) => void;
}

/**
 * The loop: serves the stops of all tracees and the answers of the server in one thread, by blocking calls. With nothing
 * running it waits for the server, with nothing in flight for the tracees, else for both.
 */
export class Tracer {
  private readonly tracees = new Tracees();
  private readonly event = new Int32Array(2);
  private readonly stopped: Registers;
  /** When the alarm that was set last will come, as performance.now() tells. */
  private alarmAt = 0;
  /** How often in a row it has waited for the server alone. */
  private alone = 0;
  private readonly writer: FrameWriter;
  private nextStream = 1;
  private nextTwin = 1;
  private root = 0;
  private ending: Ending | undefined;

  constructor(private readonly parts: Parts) {
    this.stopped = new Registers(parts.kernel.registerCount);
    this.writer = parts.stepper.marshaller.writer;
  }

  /** Makes the calling thread the one that `run` waits in. Throws MachineError. */
  prepare(): void {
    this.parts.kernel.prepare(this.parts.channel.socket, this.event, this.stopped.words);
  }

  /** Takes in the first tracee, which is seized and about to execute its program. */
  adopt(pid: number, image: string, remoteDirectory: string | undefined): void {
    const process = new TraceeProcess(pid, 0, new DescriptorTable(), { remote: remoteDirectory });
    process.image = image;
    this.root = pid;
    this.add(new TraceeThread(pid, this.nextStream++, process, this.parts.kernel.registerCount));
  }

  /**
   * Serves until the last tracee has ended; returns how the first one did. Throws RscError when the session cannot go on:
   * threads are then left waiting for their answers, and must be ended.
   */
  run(): Ending {
    const { channel, kernel } = this.parts;
    while (!this.tracees.isEmpty) {
      if (this.tracees.running === 0 && this.tracees.inFlight > 0) {
        this.alone++;
        if (this.alone > STAYS_ALONE) channel.interrupting = false;
        this.flush();
        if (channel.hasFrame || channel.fill(true)) this.takeFrames();
        else this.parkOlderThan(0);
      } else if (!this.serveOne()) {
        if ((kernel.takeInterrupt() && channel.fill(false)) || channel.hasFrame) this.takeFrames();
        this.parkOlderThan(PARK_AFTER_MS);
      }
    }
    if (this.ending === undefined) throw new TypeError('the tracer ran without a first tracee');
    return this.ending;
  }

  /** Ends every tracee that is left, and returns when they are gone. */
  endAll(): void {
    const { kernel } = this.parts;
    for (const { process, tid } of this.tracees.all()) kernel.kill(process.pid, tid, SIGKILL);
    for (;;) {
      const tid = kernel.wait(true);
      if (tid < 0) return;
      if (tid === 0) kernel.takeInterrupt();
      else if (decodeEvent(this.event[0] ?? 0, this.event[1] ?? 0).kind !== 'ended')
        kernel.kill(tid, tid, SIGKILL);
    }
  }

  /** The calls that wait for the server. */
  waiting(): { readonly pid: number; readonly call: string }[] {
    return [...this.tracees.all()]
      .filter(({ isWaiting }) => isWaiting)
      .map(({ process, call }) => ({ pid: process.pid, call }));
  }

  /** Serves one tracee's change of state; false when there was none. */
  private serveOne(): boolean {
    const tid = this.nextStopped();
    if (tid === -errno.ECHILD) this.tracees.clear();
    if (tid <= 0) return false;
    const event = decodeEvent(this.event[0] ?? 0, this.event[1] ?? 0);
    const thread = this.tracees.get(tid);
    if (thread === undefined) {
      this.tracees.meetUnborn(tid, event.kind === 'ended');
    } else if (event.kind === 'ended') {
      this.ended(thread, event);
    } else {
      this.tracees.hold(thread);
      this.serve(thread, event);
    }
    return true;
  }

  private nextStopped(): number {
    const { kernel, channel } = this.parts;
    if (this.writer.ready > 0) {
      const tid = kernel.wait(false);
      if (tid !== 0) return tid;
      this.flush();
    }
    if (channel.hasFrame) return 0;
    if (this.tracees.inFlight > 0) {
      this.alone = 0;
      channel.interrupting = true;
      this.setAlarm();
    }
    return kernel.wait(true);
  }

  private serve(thread: TraceeThread, event: Exclude<TraceeEvent, { kind: 'ended' }>): void {
    const isParked = thread.state === 'parked';
    switch (event.kind) {
      case 'seccomp':
        if (thread.state === 'local') this.resume(thread, Request.syscall);
        else this.enter(thread);
        break;
      case 'syscall':
        this.passSyscallStop(thread);
        break;
      case 'spawn':
        this.spawned(thread);
        this.resume(thread, thread.state === 'local' ? Request.syscall : Request.continue);
        break;
      case 'exec':
        this.executed(thread);
        break;
      case 'groupStop':
        thread.groupStopped = true;
        this.resume(thread, Request.listen);
        break;
      case 'signal':
        if (isParked) this.interrupted(thread, event.signal);
        else if (thread.state === 'local') this.postpone(thread, event.signal);
        else this.resume(thread, Request.continue, event.signal);
        break;
      case 'trap':
        thread.groupStopped = false;
        if (isParked && thread.answer) this.unpark(thread);
        else this.resume(thread, thread.state === 'local' ? Request.syscall : Request.continue);
        break;
    }
  }

  /** A signal that comes while the thread runs a call for the tracer is sent again when that is done. */
  private postpone(thread: TraceeThread, signal: number): void {
    thread.postponed.push(signal);
    this.resume(thread, Request.syscall);
  }

  /** A trapped call is about to run. */
  private enter(thread: TraceeThread): void {
    const { registers } = thread;
    registers.copyFrom(this.stopped);
    thread.pastEntry = false;
    const { stepper, context, warn } = this.parts;
    const found = describe(stepper.arch, registers);
    if (found === undefined) {
      warn(
        `${registers.isCompat ? '32-bit call' : 'call'} ${registers.number} of process ${thread.process.pid} answered ENOSYS: it is not in the table`,
      );
      this.finish(thread, BigInt(-errno.ENOSYS));
      return;
    }
    thread.call = found.name;
    thread.steps = begin(context, new Call(thread, found.name, registers.number, found.row));
    this.advance(thread, undefined);
  }

  /** Takes the steps of a thread's call as far as they go. */
  private advance(thread: TraceeThread, input: Answer | bigint | undefined): void {
    const { steps } = thread;
    if (steps === undefined) throw new TypeError(`thread ${thread.tid} is in no call`);
    const next = steps.next(input);
    if (!next.done) {
      if (next.value.kind === 'remote') this.send(thread);
      else this.runLocally(thread, next.value.number, next.value.args);
      return;
    }
    thread.steps = undefined;
    if (thread.atExec) {
      thread.atExec = false;
      thread.state = 'running';
      this.resume(thread, Request.continue);
    } else if (next.value === undefined) {
      this.runAsItIs(thread);
    } else {
      this.finish(thread, next.value);
    }
  }

  /** The thread's call is ready to be sent: with others that stop at the same time, as each send wakes the server. */
  private send(thread: TraceeThread): void {
    thread.state = 'remote';
    thread.sentAt = performance.now();
    this.tracees.inFlight++;
    if (this.tracees.running === 0 || this.writer.ready > MAX_BATCH) this.flush();
  }

  private flush(): void {
    if (this.writer.ready > 0) this.parts.channel.sendAll(this.writer);
  }

  private tell(frame: ControlFrame): void {
    this.flush();
    const bytes = encodeFrame(frame);
    this.parts.channel.send(bytes, bytes.length);
  }

  private takeFrames(): void {
    const { channel } = this.parts;
    for (let frame = channel.take(); frame !== undefined; frame = channel.take()) {
      const reply = parseReply(frame);
      const thread = this.tracees.ofStream(reply.stream);
      // A thread may have ended before its answer came.
      if (thread === undefined) continue;
      if (thread.state === 'parked') {
        // The frame's memory is used again before the thread has stopped.
        thread.answer = parseReply(Buffer.from(frame));
        if (!thread.groupStopped) this.parts.kernel.resume(thread.tid, Request.interrupt, 0, false);
      } else if (thread.state === 'remote') {
        this.answer(thread, reply);
      } else {
        throw violationOf(`an answer to stream ${reply.stream}, which is in no call`);
      }
    }
  }

  private answer(thread: TraceeThread, answer: Answer): void {
    this.tracees.inFlight--;
    thread.answer = undefined;
    this.advance(thread, answer);
  }

  /** Makes the thread run a call for the tracer; passSyscallStop takes its result. */
  private runLocally(thread: TraceeThread, number: number, args: readonly bigint[]): void {
    const { stopped } = this;
    stopped.copyFrom(thread.registers);
    for (let index = 0; index < args.length; index++) stopped.setArgument(index, args[index] ?? 0n);
    if (thread.pastEntry) stopped.rewindTo(number);
    else stopped.replaceNumber(number);
    thread.expectsEntry = thread.pastEntry;
    thread.state = 'local';
    this.resumeWith(thread, Request.syscall, stopped);
  }

  private passSyscallStop(thread: TraceeThread): void {
    if (thread.state !== 'local') {
      this.resume(thread, Request.continue);
    } else if (thread.expectsEntry) {
      thread.expectsEntry = false;
      this.resume(thread, Request.syscall);
    } else {
      thread.pastEntry = true;
      this.advance(thread, this.stopped.result);
    }
  }

  /** The call ends with a result that the tracer has. */
  private finish(thread: TraceeThread, result: bigint): void {
    const { registers } = thread;
    registers.result = thread.cancelled && result === BigInt(-errno.EINTR) ? -ERESTARTSYS : result;
    if (!thread.pastEntry || !restarts.has(registers.result)) registers.cancelCall();
    this.leave(thread);
  }

  /** The call is the tracee's kernel's, with the arguments that it has. */
  private runAsItIs(thread: TraceeThread): void {
    if (!thread.pastEntry) {
      thread.state = 'running';
      this.resume(thread, Request.continue);
      return;
    }
    // It stops at its entry once more, and is then let pass for the same reason as now.
    thread.registers.rewindTo(thread.registers.number);
    this.leave(thread);
  }

  private leave(thread: TraceeThread): void {
    const { signal } = thread;
    for (const late of thread.postponed.splice(0))
      this.parts.kernel.kill(thread.process.pid, thread.tid, late);
    thread.signal = 0;
    thread.cancelled = false;
    thread.state = 'running';
    this.resumeWith(thread, Request.continue, thread.registers, signal);
  }

  /** Lets go of a stopped thread. A thread that was killed meanwhile is told by the next wait. */
  private resume(thread: TraceeThread, request: number, signal = 0): void {
    this.parts.kernel.resume(thread.tid, request, signal, false);
    this.tracees.release(thread);
  }

  private resumeWith(thread: TraceeThread, request: number, registers: Registers, signal = 0): void {
    if (registers !== this.stopped) this.stopped.copyFrom(registers);
    this.parts.kernel.resume(thread.tid, request, signal, true);
    this.tracees.release(thread);
  }

  /** Lets threads that wait for the server wait in a local pause(2), where signals reach them. */
  private parkOlderThan(ms: number): void {
    if (this.tracees.inFlight === 0) return;
    const now = performance.now();
    for (const thread of this.tracees.all()) {
      if (!isParkable(thread) || thread.sentAt + ms > now) continue;
      thread.state = 'parked';
      this.stopped.copyFrom(thread.registers);
      const pause = this.parts.stepper.number('pause');
      if (thread.pastEntry) this.stopped.rewindTo(pause);
      else this.stopped.replaceNumber(pause);
      this.resumeWith(thread, Request.continue, this.stopped);
    }
  }

  /** Has the next wait interrupted in time to park a thread. An alarm that is set already is early enough for all. */
  private setAlarm(): void {
    const now = performance.now();
    if (this.alarmAt > now || ![...this.tracees.all()].some(isParkable)) return;
    this.alarmAt = now + PARK_AFTER_MS;
    this.parts.kernel.setAlarm(PARK_AFTER_MS);
  }

  private unpark(thread: TraceeThread): void {
    const { answer } = thread;
    if (answer === undefined) throw new TypeError(`thread ${thread.tid} has no answer`);
    thread.pastEntry = true;
    this.answer(thread, answer);
  }

  /** A signal has come to a parked thread: its call is cancelled, and the signal delivered when that is answered. */
  private interrupted(thread: TraceeThread, signal: number): void {
    thread.pastEntry = true;
    thread.signal = signal;
    thread.cancelled = true;
    if (thread.answer) {
      this.unpark(thread);
      return;
    }
    thread.state = 'remote';
    this.tell({ type: 'cancel', stream: thread.stream });
  }

  /** The thread has made a new task. */
  private spawned(thread: TraceeThread): void {
    const { kernel, stepper } = this.parts;
    const tid = kernel.eventMessage(thread.tid);
    // The thread was killed at this very stop.
    if (tid <= 0) return;
    const flags = cloneFlags(stepper, thread, this.stopped);
    const child = childOf(thread, flags, { tid, stream: this.nextStream++, twin: this.nextTwin });
    if (child.process !== thread.process) {
      this.nextTwin++;
      const { twin } = thread.process;
      this.tell({ type: 'fork', parent: twin, child: child.process.twin, share: shareOf(flags) });
    }
    this.add(child);
  }

  private add(thread: TraceeThread): void {
    if (this.tracees.add(thread)) this.resume(thread, Request.continue);
  }

  /** A program has been executed: the process has one thread, new memory, and no close-on-exec descriptors. */
  private executed(leader: TraceeThread): void {
    const { process } = leader;
    this.parts.context.isBegun = true;
    const former = this.parts.kernel.eventMessage(leader.tid);
    const thread = this.tracees.get(former) ?? leader;
    for (const other of [...process.threads]) if (other !== thread) this.remove(other);
    if (thread !== leader) {
      this.tracees.hold(thread);
      this.tracees.rename(thread, leader.tid);
    }
    if (thread.scratch !== 0n) process.freeScratch.push(thread.scratch);
    process.freeScratch = [];
    thread.scratch = 0n;
    process.image = thread.nextImage || process.image;
    if (isScript(process.image)) process.script = process.image;
    this.unshareDescriptors(process);
    const closed = process.descriptors.closeOnExec();
    thread.atExec = true;
    thread.pastEntry = true;
    const { stepper } = this.parts;
    thread.steps = (function* () {
      for (const number of closed) yield* stepper.close(thread, number);
      return undefined;
    })();
    this.advance(thread, undefined);
  }

  /** A process that executes a program leaves a descriptor table that it shared with another (execve(2)). */
  private unshareDescriptors(process: TraceeProcess): void {
    if (!this.tracees.shareDescriptors(process)) return;
    const { twin } = process;
    process.twin = this.nextTwin++;
    process.descriptors = process.descriptors.copy();
    this.tell({ type: 'fork', parent: twin, child: process.twin, share: 0 });
    this.tell({ type: 'exit', twin });
  }

  private ended(thread: TraceeThread, { status, signal }: Ending): void {
    const { process } = thread;
    if (thread.tid === this.root) this.ending = { status, signal };
    if (thread.scratch !== 0n) process.freeScratch.push(thread.scratch);
    this.remove(thread);
    if (process.threads.size === 0) this.tell({ type: 'exit', twin: process.twin });
  }

  private remove(thread: TraceeThread): void {
    if (thread.isWaiting) this.tell({ type: 'cancel', stream: thread.stream });
    this.tracees.remove(thread);
  }
}

/** Not while it stands at a signal that its call is being cancelled for, or at the start of a new program. */
function isParkable({ state, cancelled, atExec }: TraceeThread): boolean {
  return state === 'remote' && !cancelled && !atExec;
}
