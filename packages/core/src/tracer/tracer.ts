import { errnoName } from '../abi/errno.js';
import { CallStops } from './call-stops.js';
import { ClaimStops } from './claim-stops.js';
import { Conductor, type Means } from './conductor.js';
import type { Ending } from './ending.js';
import { mapTraps, type Catch } from './engine.js';
import type { First } from './first.js';
import { Errands } from './errands.js';
import { Holder } from './holder.js';
import type { Kernel } from './kernel.js';
import { Lifecycle } from './lifecycle.js';
import { decodeEvent, Request } from './ptrace.js';
import { recatchBy } from './recatch.js';
import { Reloading, type PolicyEvents } from './reloading.js';
import { StopServer } from './stop-server.js';
import { SyscallStops } from './syscall-stops.js';
import { Release, type ReleaseEvents } from './release.js';
import type { Target } from './target.js';
import { Tracees } from './tracees.js';

/** A call that has no answer after so long, or twice that, is parked. */
const PARK_AFTER_MS = 5;

const SIGKILL = 9;
/** After so many waits for the server alone, the next one will probably be of that kind too. */
const STAYS_ALONE = 8;
/** After so many looks in vain for calls to send together, it looks only every so often. */
const GIVES_UP_LOOKING = 4;
const LOOKS_EVERY = 16;
/** Stands for the socket where bytes on it do not matter. */
const NO_SOCKET = -1;

/** A running process that is to be traced. */
export interface Attachment {
  readonly target: Target;
  /** Its threads, which have been seized. */
  readonly tids: readonly number[];
  readonly catching: Catch;
  /** Whether it is let go whatever it loses. */
  readonly force: boolean;
}

/** What the tracer is made of. */
export interface Parts extends Means {
  readonly kernel: Kernel;
  /** Where the operator leaves wishes. */
  readonly wishes: Int32Array;
  readonly events: PolicyEvents;
}

/**
 * The loop: serves the calls and stops of all tracees and the answers of the server in one thread, by blocking calls. It
 * waits for what can come: calls while a tracee runs, answers while a call is in flight; whatever it waits for, a tracee
 * that stops interrupts it.
 */
export class Tracer {
  private readonly tracees = new Tracees();
  private readonly holder: Holder;
  private readonly errands: Errands;
  private readonly conductor: Conductor;
  private readonly callStops: CallStops;
  private readonly lifecycle: Lifecycle;
  private readonly stops: StopServer;
  /** Whether calls are told by notices. */
  private listens = false;
  private reloading: Reloading | undefined;
  /** How often in a row it has waited for the server alone. */
  private alone = 0;
  /** How often in a row it has looked for more calls, and there were none; and how often it has not looked since. */
  private looksInVain = 0;
  private looksLeftOut = 0;
  /** When the alarm that is set will come, as performance.now() tells; 0: none is. */
  private alarmAt = 0;

  constructor(private readonly parts: Parts) {
    const { kernel, stepper } = parts;
    this.holder = new Holder(kernel, this.tracees, stepper.number('pause'), stepper.arch);
    this.errands = new Errands(this.holder, this.tracees);
    this.conductor = new Conductor(parts, this.holder, this.errands, this.tracees);
    this.callStops = new CallStops(this.holder, this.errands, this.conductor);
    this.lifecycle = new Lifecycle(this.holder, this.tracees, parts.context, (frame) => {
      this.conductor.tell(frame);
    });
    const { holder, errands, conductor, callStops, tracees, lifecycle } = this;
    this.stops = new StopServer(holder, errands, conductor, callStops, tracees, lifecycle, parts.context);
  }

  /** Makes the calling thread the one that `run` waits in. Throws MachineError. */
  prepare(): void {
    const { kernel, channel } = this.parts;
    const { stopped, notices } = this.holder;
    channel.whenLost = (error) => {
      this.conductor.meetLoss(error);
    };
    kernel.prepare(channel.socket, this.stops.event, stopped.words);
    kernel.prepareNotices(notices.notice, notices.response);
  }

  /** Takes in the first tracee, which is about to execute its program. */
  adopt({ pid, listens, catching }: First, image: string, remoteDirectory: string | undefined): void {
    this.stops.root = pid;
    this.listens = listens;
    this.catchBy(catching);
    this.lifecycle.adopt(pid, image, remoteDirectory);
  }

  /**
   * Takes in a running process, whose threads have been seized, and that the tracer does not outlive. `attached` is called when
   * all have stopped once: from then on no call goes past it.
   */
  adoptRunning(
    { target, tids, catching, force }: Attachment,
    events: ReleaseEvents & { attached(): void },
  ): void {
    const { holder, conductor, tracees, lifecycle, stops } = this;
    const { context, wishes } = this.parts;
    stops.root = target.pid;
    conductor.outlived = true;
    context.isBegun = true;
    this.catchBy(catching);
    stops.release = new Release(holder, conductor, tracees, lifecycle, context, events, wishes, force);
    stops.whenArrived = events.attached;
    for (const thread of lifecycle.adoptRunning(target, tids)) stops.expect(thread);
  }

  private catchBy(catching: Catch): void {
    const { engine, traps, told, strings, claimed } = catching;
    const { stepper, kernel, context, wishes, events, warn } = this.parts;
    const { notices } = this.holder;
    this.stops.untold.told = told;
    kernel.prepareStrings(strings, notices.texts, notices.lengths);
    if (claimed) {
      this.holder.claims = claimed.kept;
      this.stops.claims = new ClaimStops(claimed.kept, this.holder, this.conductor, stepper, warn);
    }
    const recatch = recatchBy(stepper.arch, this.callStops, catching);
    this.reloading = new Reloading(context, this.tracees, recatch, wishes, events);
    if (engine !== 'ptrace' && engine !== 'ebpf') return;
    // Calls that are claimed stop when they are, all others never.
    if (engine === 'ptrace') this.holder.goesOn = Request.syscall;
    this.callStops.every = new SyscallStops(traps, mapTraps(stepper.arch));
  }

  /**
   * Serves until the last tracee has ended, or been let go; returns how the first one ended, if it has. Throws RscError when the
   * session cannot go on: threads are then left waiting for their answers, and must be ended or abandoned.
   */
  run(): Ending | undefined {
    while (!this.tracees.isEmpty) {
      this.stops.release?.heed();
      this.reloading?.heed();
      if (this.conductor.answersErrors) this.conductor.answerErrors();
      if (!this.serveNext()) this.serveOthers();
    }
    return this.stops.ending;
  }

  /** Lets go of all tracees without the server: calls that have no answer fail with EIO. */
  abandon(): void {
    this.conductor.abandon();
    this.stops.release?.give();
    this.run();
  }

  /** Ends every tracee that is left, and returns when they are gone. */
  endAll(): void {
    const { kernel } = this.parts;
    for (const { process, tid } of this.tracees.all()) kernel.kill(process.pid, tid, SIGKILL);
    for (;;) {
      const tid = kernel.wait(true);
      if (tid < 0) return;
      if (tid === 0) kernel.takeInterrupt();
      else if (decodeEvent(this.stops.event[0] ?? 0, this.stops.event[1] ?? 0).kind !== 'ended')
        kernel.kill(tid, tid, SIGKILL);
    }
  }

  /** The calls that wait for the server. */
  waiting(): { readonly pid: number; readonly call: string }[] {
    return [...this.tracees.all()]
      .filter(({ isWaiting }) => isWaiting)
      .map(({ process, call }) => ({ pid: process.pid, call }));
  }

  /** Waits for what is most likely to come next, and serves it; false when that was something else, or nothing. */
  private serveNext(): boolean {
    const { channel } = this.parts;
    const { tracees } = this;
    if (this.conductor.hasUnsent) {
      // Calls that come together are sent together.
      if (tracees.mayCall && this.serveMore()) return true;
      this.conductor.flush();
      if (this.conductor.answersErrors) return true;
    }
    if (channel.hasFrame) return this.conductor.takeFrames();
    if (tracees.deaf > 0 && this.alarmAt === 0) this.setAlarm();
    if (tracees.allWait && !channel.isLost) return this.awaitAnswer();
    return tracees.mayCall && this.listens ? this.awaitNotice() : this.awaitStop();
  }

  /** Serves a thread that has called already, as long as looking for one is not in vain most of the time. */
  private serveMore(): boolean {
    if (this.looksInVain >= GIVES_UP_LOOKING && ++this.looksLeftOut % LOOKS_EVERY !== 0) return false;
    const served = this.serveWaiting();
    this.looksInVain = served ? 0 : this.looksInVain + 1;
    return served;
  }

  private serveWaiting(): boolean {
    const { kernel } = this.parts;
    if (this.listens) return this.serveNotice(kernel.receiveNotice(NO_SOCKET, false));
    return this.stops.serve(kernel.wait(false));
  }

  private awaitNotice(): boolean {
    const { channel, kernel } = this.parts;
    channel.interrupting = false;
    const socket = this.tracees.inFlight > 0 && !channel.isLost ? channel.socket : NO_SOCKET;
    return this.serveNotice(kernel.receiveNotice(socket, true));
  }

  private awaitStop(): boolean {
    const { channel, kernel } = this.parts;
    this.alone = 0;
    if (this.tracees.inFlight > 0 && !channel.isLost) channel.interrupting = true;
    return this.stops.serve(kernel.wait(true));
  }

  private awaitAnswer(): boolean {
    const { channel } = this.parts;
    this.alone++;
    if (this.alone > STAYS_ALONE) channel.interrupting = false;
    return channel.fill(true) && this.conductor.takeFrames();
  }

  /** What else may have come: stops of tracees, answers, the time to park calls. */
  private serveOthers(): void {
    const { channel, kernel } = this.parts;
    if (kernel.takeInterrupt()) while (this.stops.serve(kernel.wait(false)));
    if (channel.fill(false)) this.conductor.takeFrames();
    if (this.alarmAt !== 0 && performance.now() >= this.alarmAt) {
      this.alarmAt = 0;
      this.conductor.parkEarlier();
    }
  }

  /** Serves a call that a thread waits for; false for no thread. */
  private serveNotice(tid: number): boolean {
    if (tid < 0) throw new TypeError(`cannot receive a notice: ${errnoName(-tid)}`);
    if (tid === 0) return false;
    const thread = this.tracees.get(tid);
    const { notices } = this.holder;
    if (thread === undefined) {
      this.holder.refuseStranger();
      return true;
    }
    if (thread.runsForTracer) {
      this.errands.letPass(thread);
      return true;
    }
    notices.copyId(thread.notice);
    thread.isNoticed = true;
    thread.passed = -1;
    thread.registers.takeNotice(notices);
    this.conductor.enter(thread);
    return true;
  }

  /** Has a wait interrupted in time to park the calls that are in flight now; those that come later, the next time. */
  private setAlarm(): void {
    this.alarmAt = performance.now() + PARK_AFTER_MS;
    this.conductor.beginRound();
    this.parts.kernel.setAlarm(PARK_AFTER_MS);
  }
}
