import { errno } from '../abi/errno.js';
import { numberOf } from '../abi/lookup.js';
import type { Arch } from '../abi/constants.js';
import type { ClaimsKept } from './claims-kept.js';
import { restarts } from './interruption.js';
import type { Kernel } from './kernel.js';
import { Notices } from './notices.js';
import type { TraceeThread } from './process.js';
import { Request } from './ptrace.js';
import { resultOf } from './ran-here.js';
import { Registers } from './registers.js';
import { wasCutOff } from './stopped-calls.js';
import type { Tracees } from './tracees.js';

/** Makes the call begin again once the signal is delivered, if the signal's handler allows that (linux/errno.h). */
const ERESTARTSYS = 512n;
/** ERESTART_RESTARTBLOCK: the call goes on by restart_syscall(2). */
const RESTARTS_BLOCK = -516n;

/** Lets the threads go on that are in a call: from the notice of it, or from the ptrace stop that they are in. */
export class Holder {
  readonly notices = new Notices();
  /** The registers of the thread that has stopped last, and of the one that is resumed next. */
  readonly stopped: Registers;
  /** How threads go on that are in no call: to the next stop of the filter, or to the entry of any call. */
  goesOn: number = Request.continue;
  /** Where eBPF programs claim calls. */
  claims: ClaimsKept | undefined;
  private readonly stranger = new Int32Array(2);

  constructor(
    readonly kernel: Kernel,
    private readonly tracees: Tracees,
    private readonly pause: number,
    private readonly arch: Arch,
  ) {
    this.stopped = new Registers(kernel.registerCount);
  }

  /** The call ends with a result that the tracer has. */
  finish(thread: TraceeThread, result: bigint): void {
    if (thread.isAnswered) {
      thread.isAnswered = false;
    } else if (thread.isNoticed) {
      this.notices.setResult(thread.notice, result);
      this.respond(thread);
    } else {
      const { registers } = thread;
      registers.result = thread.cancelled && result === BigInt(-errno.EINTR) ? -ERESTARTSYS : result;
      // A signal has interrupted a part of the call that the thread ran: the signal's stop must know it for begun.
      if (restarts.has(result)) thread.passed = registers.number;
      if (!thread.pastEntry || !restarts.has(registers.result)) registers.cancelCall();
      this.leave(thread);
    }
  }

  /** The call is the tracee's kernel's, with the arguments that it has. */
  runAsItIs(thread: TraceeThread): void {
    if (thread.isNoticed) {
      this.notices.setContinue(thread.notice);
      thread.passed = thread.registers.number;
      this.respond(thread);
    } else if (thread.pastEntry && thread.beginsAnew) {
      thread.registers.rewindTo(thread.registers.number);
      this.leave(thread);
    } else if (thread.pastEntry) {
      this.runAfterEntry(thread, resultOf(thread));
    } else if (thread.isGuarded) {
      this.leave(thread);
      thread.isSkipped = false;
    } else {
      this.letRun(thread);
    }
  }

  private runAfterEntry(thread: TraceeThread, result: bigint | undefined): void {
    if (result !== undefined) {
      this.finish(thread, result);
      return;
    }
    // It is told or stops at its entry once more, and is then let pass for the same reason as now.
    const { registers, ran } = thread;
    if (ran !== undefined && restarts.has(ran.result)) {
      // The kernel makes it again, or has it end for a signal that has come meanwhile, as it would without a claim.
      const again = ran.result === RESTARTS_BLOCK ? numberOf(this.arch, 'restart_syscall') : registers.number;
      this.claims?.passOnce(thread.tid, again);
      registers.result = ran.result;
    } else {
      this.claims?.passOnce(thread.tid, registers.number);
      registers.rewindTo(registers.number);
    }
    this.leave(thread);
  }

  /**
   * Answers the notice that came last, of a thread that is not traced (CLONE_UNTRACED), as the kernel answers calls that should
   * stop for a tracer where there is none. A thread that has been killed does not hear it.
   */
  refuseStranger(): void {
    this.notices.copyId(this.stranger);
    this.notices.setResult(this.stranger, BigInt(-errno.ENOSYS));
    this.kernel.respond();
  }

  /** Answers a noticed call with a placeholder: its number, or a negated errno with the call unanswered. */
  answerWithPlaceholder(thread: TraceeThread, flags: number): number {
    this.notices.address(thread.notice, 0);
    const number = this.kernel.respondWithPlaceholder(flags);
    if (number >= 0) {
      thread.isAnswered = true;
      thread.isNoticed = false;
      this.tracees.move(thread, 'running');
    }
    return number;
  }

  /** Goes on with `then` when the thread stops, as it is sure to. */
  await(thread: TraceeThread, then: () => void): void {
    thread.whenBack = then;
    this.tracees.move(thread, 'returning');
  }

  /** Goes on with `then` when the thread has been made to stop, or stops for another reason before. */
  callBack(thread: TraceeThread, then: () => void): void {
    this.await(thread, then);
    if (thread.isNoticed) this.stopNoticed(thread);
    else if (!thread.groupStopped) this.resume(thread, Request.interrupt);
  }

  /**
   * Makes a thread stop that waits for the answer to a notice: its call is answered with what a call has for its result
   * that a signal interrupts, which the thread sees to before it gets back to its program.
   */
  stopNoticed(thread: TraceeThread): void {
    this.resume(thread, Request.interrupt);
    this.notices.setResult(thread.notice, -ERESTARTSYS);
    this.kernel.respond();
  }

  /** A thread whose call was told by a notice has stopped: from now on the stop holds it. */
  take(thread: TraceeThread): void {
    if (!thread.isNoticed) return;
    thread.isNoticed = false;
    thread.registers.copyFrom(this.stopped);
  }

  /** Lets a thread that waits for the server wait in a local pause(2), where signals reach it. */
  park(thread: TraceeThread): void {
    this.tracees.move(thread, 'parked');
    if (thread.isNoticed) {
      this.stopNoticed(thread);
      return;
    }
    this.stopped.copyFrom(thread.registers);
    this.claims?.passOnce(thread.tid, this.pause);
    if (thread.pastEntry) this.stopped.rewindTo(this.pause);
    else this.stopped.replaceNumber(this.pause);
    thread.isInside = thread.isGuarded = false;
    this.resumeWith(thread, Request.continue, this.stopped);
  }

  /**
   * Has the call that a thread stands at the entry of fail with EIO, should the tracer be killed before it has the answer: the
   * tracee's kernel would make the call.
   */
  guard(thread: TraceeThread): void {
    thread.isGuarded = true;
    this.stopped.copyFrom(thread.registers);
    this.stopped.cancelCall();
    this.stopped.result = BigInt(-errno.EIO);
    this.kernel.setRegisters(thread.tid);
  }

  /** Makes a thread stop as soon as it is in no call for the tracer, nor in one that is on the server. */
  summon(thread: TraceeThread): void {
    thread.isSummoned = true;
    this.kernel.resume(thread.tid, Request.interrupt, 0, false);
  }

  /** A summoned thread has stopped. */
  receive(thread: TraceeThread): void {
    thread.isSummoned = false;
    this.uncut(thread);
  }

  /** A call that has failed because its thread was made to stop, whatever it makes it for, is made again. */
  uncut(thread: TraceeThread): void {
    if (!wasCutOff(this.arch, thread, this.stopped)) return;
    this.stopped.rewindTo(this.stopped.number);
    this.kernel.setRegisters(thread.tid);
  }

  /** Lets go of a stopped thread that is in no call any more. */
  letRun(thread: TraceeThread): void {
    this.sendPostponed(thread);
    this.tracees.move(thread, 'running');
    this.resume(thread, this.goesOn);
  }

  /** Resumes a thread that has stopped for nothing that concerns its call. */
  goOn(thread: TraceeThread): void {
    const { state } = thread;
    if (state === 'local' || state === 'both') this.resume(thread, Request.syscall);
    else this.resume(thread, state === 'parked' ? Request.continue : this.goesOn);
  }

  /**
   * A thread has stopped at the exit of its call. One that was skipped has gone past the process's own seccomp filter without a
   * number, and may come out with that filter's answer in place of the tracer's.
   */
  leaveCall(thread: TraceeThread): void {
    const { isSkipped, registers } = thread;
    thread.isSkipped = false;
    if (isSkipped && this.stopped.result !== registers.result)
      this.resumeWith(thread, this.goesOn, registers);
    else if (isSkipped) this.goOn(thread);
    else this.leaveStop(thread);
  }

  /** A thread goes on that the tracer has made to stop, wherever it was. */
  leaveStop(thread: TraceeThread): void {
    if (wasCutOff(this.arch, thread, this.stopped)) this.deliver(thread, 0, true);
    else this.goOn(thread);
  }

  /** The thread makes its call again. A wait that concerns the server from now on goes on with the time that is left. */
  private callAgain({ unfinished, isWoken }: TraceeThread): void {
    const { number, result } = this.stopped;
    const goesOn = isWoken && unfinished?.call.number === number && result === BigInt(-errno.EINTR);
    this.stopped.rewindTo(goesOn ? numberOf(this.arch, 'restart_syscall') : number);
  }

  /** Delivers a signal to a thread that is in no call, or whose call begins anew when the signal has been handled. */
  deliver(thread: TraceeThread, signal: number, callAgain: boolean): void {
    if (callAgain) this.callAgain(thread);
    this.send(thread, this.goesOn, signal, callAgain);
  }

  /** Lets go of a stopped thread. A thread that was killed meanwhile is told by the next wait. */
  resume(thread: TraceeThread, request: number, signal = 0): void {
    this.send(thread, request, signal, false);
  }

  /** The same, with these registers. */
  resumeWith(thread: TraceeThread, request: number, registers: Registers, signal = 0): void {
    if (registers !== this.stopped) this.stopped.copyFrom(registers);
    this.send(thread, request, signal, true);
  }

  private send(thread: TraceeThread, request: number, signal: number, setRegisters: boolean): void {
    const { isSummoned, state, process } = thread;
    // A stop of any kind has taken the place of the one that was asked for (kernel/signal.c: ptrace_stop).
    if (isSummoned && state === 'running' && !process.holdsParent) this.summon(thread);
    this.kernel.resume(thread.tid, request, signal, setRegisters);
  }

  /** Sends the response. A thread that does not wait for it any more has been killed, and the next wait tells that. */
  private respond(thread: TraceeThread): void {
    this.kernel.respond();
    thread.isNoticed = false;
    this.tracees.move(thread, 'running');
  }

  /** Lets a stopped thread go on with its registers as they are kept. */
  leave(thread: TraceeThread): void {
    const { signal } = thread;
    this.sendPostponed(thread);
    thread.signal = 0;
    thread.cancelled = false;
    thread.isSkipped = thread.isInside && !thread.pastEntry;
    thread.isGuarded = false;
    thread.ran = undefined;
    this.tracees.move(thread, 'running');
    this.resumeWith(thread, this.goesOn, thread.registers, signal);
  }

  private sendPostponed(thread: TraceeThread): void {
    for (const signal of thread.postponed.splice(0)) this.kernel.kill(thread.process.pid, thread.tid, signal);
  }
}
