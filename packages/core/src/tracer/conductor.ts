import { errno } from '../abi/errno.js';
import type { Row } from '../abi/vocabulary.js';
import type { RscError } from '../errors.js';
import { encodeFrame, type ControlFrame } from '../protocol/frames.js';
import { Call, describe } from './call.js';
import { begin } from './calls/begin.js';
import type { Context } from './calls/context.js';
import type { Channel } from './channel.js';
import type { Errands } from './errands.js';
import type { FrameWriter } from './frame-writer.js';
import type { Holder } from './holder.js';
import { interruption, ioError, warningOf, type OnLoss } from './loss.js';
import { MAX_BATCH } from './marshal.js';
import { Fate, type Meter } from './meter.js';
import type { Run, TraceeThread } from './process.js';
import { changesParts, heedRun, isSpent, takeRun } from './ran-here.js';
import { parseReply, violationOf } from './reply.js';
import type { Answer, Step, Stepper, Steps } from './steps.js';
import type { Tracees } from './tracees.js';

/** What calls are carried out with. */
export interface Means {
  readonly channel: Channel;
  readonly stepper: Stepper;
  readonly context: Context;
  /** What becomes of the tracees when the connection is lost. */
  readonly onLoss: OnLoss;
  /** Counts the calls. */
  readonly meter: Meter;
  /** Tells the operator something that the tracee cannot be told. */
  readonly warn: (line: string) => void;
}

/** Takes calls from the moment that they are caught to their results: what they ask of the server, and of their threads. */
export class Conductor {
  /** Whether the tracees go on without the tracer. */
  outlived = false;
  private readonly writer: FrameWriter;
  private isAbandoned = false;
  private round = 0;

  constructor(
    private readonly means: Means,
    private readonly holder: Holder,
    private readonly errands: Errands,
    private readonly tracees: Tracees,
  ) {
    this.writer = means.stepper.marshaller.writer;
  }

  /** Whether frames wait to be sent. */
  get hasUnsent(): boolean {
    return this.writer.ready > 0;
  }

  /** A returning thread has stopped. */
  comeBack(thread: TraceeThread): void {
    const { whenBack } = thread;
    if (whenBack === undefined) throw new TypeError(`thread ${thread.tid} returns to nothing`);
    thread.whenBack = undefined;
    this.holder.take(thread);
    thread.pastEntry = true;
    whenBack();
  }

  /** A thread that shall be parked has stopped. */
  parkStopped(thread: TraceeThread): void {
    this.holder.take(thread);
    thread.pastEntry = true;
    this.holder.park(thread);
  }

  /** The strings of the notice that came last. */
  private readonly stringOfNotice = (register: number): string | number =>
    this.holder.notices.string(register);

  /** A caught call is about to run, or was claimed and `ran`: its number and arguments are in the thread's registers. */
  enter(thread: TraceeThread, ran?: Run): void {
    const { stepper, context, warn } = this.means;
    const { registers } = thread;
    thread.isWoken = false;
    thread.pastEntry = ran !== undefined;
    thread.ran = ran;
    thread.beginsAnew = false;
    const found = describe(stepper.arch, registers);
    if (found === undefined) {
      warn(
        `${registers.isCompat ? '32-bit call' : 'call'} ${registers.number} of process ${thread.process.pid} answered ENOSYS: it is not in the table`,
      );
      this.holder.finish(thread, BigInt(-errno.ENOSYS));
      return;
    }
    thread.call = found.name;
    thread.fate = Fate.local;
    if (isSpent(found.row, ran)) {
      this.means.meter.count(thread.fate);
      this.holder.runAsItIs(thread);
      return;
    }
    thread.isHarmless = isHarmless(found.row);
    const call = new Call(thread, found.name, registers.number, found.row);
    if (thread.isNoticed) call.takeStrings(this.stringOfNotice);
    const steps = begin(context, call);
    thread.steps = ran?.isKept ? heedRun(context, call, steps) : steps;
    thread.changesParts = this.holder.claims !== undefined && changesParts(found.row);
    this.advance(thread, undefined);
  }

  /** The same, at a stop. */
  enterAtStop(thread: TraceeThread): void {
    thread.registers.copyFrom(this.holder.stopped);
    this.enter(thread);
  }

  /** The same of a call that was claimed. */
  enterClaimed(thread: TraceeThread, ran: Run): void {
    thread.registers.copyFrom(this.holder.stopped);
    this.enter(thread, ran);
  }

  /** Takes a thread that stands at the start of a new program through the steps that it has to take there. */
  beginProgram(thread: TraceeThread, steps: Steps): void {
    this.means.context.isBegun = true;
    thread.pastEntry = true;
    thread.isNoticed = false;
    this.carry(thread, steps, () => {
      this.holder.letRun(thread);
    });
  }

  /** Takes a stopped thread through steps that are not those of a call. */
  carry(thread: TraceeThread, steps: Steps, whenDone: () => void): void {
    thread.steps = steps;
    thread.whenDone = whenDone;
    this.advance(thread, undefined);
  }

  /** Takes the steps of a thread's call as far as they go. */
  advance(thread: TraceeThread, input: Answer | bigint | undefined): void {
    const { steps } = thread;
    if (steps === undefined) throw new TypeError(`thread ${thread.tid} is in no call`);
    const next = steps.next(input);
    if (next.done) this.conclude(thread, next.value);
    else this.take(thread, next.value);
  }

  private take(thread: TraceeThread, step: Step): void {
    switch (step.kind) {
      case 'remote':
        this.send(thread);
        break;
      case 'local': {
        const result = takeRun(thread, step.number, step.args);
        if (result === undefined) this.errands.runLocally(thread, step.number, step.args);
        else this.advance(thread, result);
        break;
      }
      case 'stop':
        this.stop(thread);
        break;
      case 'both':
        this.errands.waitBeside(thread, step.number, step.args);
        if (this.writer.ready > MAX_BATCH) this.flush();
        break;
      case 'adopt':
        thread.process.descriptors.presume(() => {
          this.advance(thread, BigInt(this.holder.answerWithPlaceholder(thread, step.flags)));
        });
        break;
    }
  }

  private conclude(thread: TraceeThread, result: bigint | undefined): void {
    const { whenDone } = thread;
    thread.steps = thread.whenDone = undefined;
    if (thread.changesParts) this.holder.claims?.recount();
    thread.changesParts = false;
    if (whenDone) {
      whenDone();
      return;
    }
    this.means.meter.count(thread.fate);
    if (result === undefined) {
      this.holder.runAsItIs(thread);
    } else {
      this.holder.finish(thread, result);
    }
  }

  private stop(thread: TraceeThread): void {
    const advance = () => {
      this.advance(thread, undefined);
    };
    if (thread.isNoticed) this.holder.callBack(thread, advance);
    else advance();
  }

  /** The thread's call is ready to be sent: with others that come at the same time, as each send wakes the server. */
  private send(thread: TraceeThread): void {
    this.tracees.move(thread, thread.isNoticed ? 'noticed' : 'remote');
    thread.sentIn = this.round;
    thread.fate = Fate.remote;
    thread.departed = this.means.meter.depart();
    if (this.outlived && thread.isInside && !thread.pastEntry && !thread.isHarmless && !thread.isGuarded)
      this.holder.guard(thread);
    if (this.writer.ready > MAX_BATCH) this.flush();
  }

  /** The connection is lost. Throws the error where the tracees shall be ended. */
  meetLoss(error: RscError): void {
    const { onLoss, warn } = this.means;
    if (onLoss === 'kill') throw error;
    warn(warningOf(error, onLoss));
  }

  /** Whether the connection is lost, and remote calls answer errors. */
  get answersErrors(): boolean {
    return this.means.channel.isLost && (this.means.onLoss === 'eio' || this.isAbandoned);
  }

  /** The session cannot go on: calls answer errors from now on. */
  abandon(): void {
    this.isAbandoned = true;
    this.means.channel.isLost = true;
    this.writer.clear();
  }

  /** Answers the calls that are on a server that is gone, or were to be sent to it. */
  answerErrors(): void {
    while (this.tracees.inFlight > 0) {
      for (const thread of this.tracees.all()) if (thread.isWaiting) this.deliver(thread, ioError);
    }
  }

  /** Sends the frames that wait. */
  flush(): void {
    if (this.writer.ready > 0) this.means.channel.sendAll(this.writer);
  }

  /** Sends a frame about twins, after all that waits. */
  tell(frame: ControlFrame): void {
    this.flush();
    const bytes = encodeFrame(frame);
    this.means.channel.send(bytes, bytes.length);
  }

  /** Takes the answers that have been received. Throws RscError for what is none. */
  takeFrames(): true {
    const { channel } = this.means;
    for (let frame = channel.take(); frame !== undefined; frame = channel.take()) {
      const reply = parseReply(frame);
      const thread = this.tracees.ofStream(reply.stream);
      // A thread may have ended before its answer came.
      if (thread === undefined) continue;
      if (!thread.isWaiting) throw violationOf(`an answer to stream ${reply.stream}, which is in no call`);
      // The frame's memory is used again before a parked thread has stopped.
      this.deliver(thread, isAway(thread) ? parseReply(Buffer.from(frame)) : reply);
    }
    return true;
  }

  /** Gives a thread the answer to its call. One that is away has to stop before. */
  private deliver(thread: TraceeThread, answer: Answer): void {
    if (thread.departed !== 0) {
      this.means.meter.arrive(thread.departed);
      thread.departed = 0;
    }
    if (!isAway(thread)) {
      this.advance(thread, answer);
      return;
    }
    const advance = () => {
      this.advance(thread, answer);
    };
    if (thread.isNoticed) this.holder.await(thread, advance);
    else this.holder.callBack(thread, advance);
  }

  /** Begins a round: what was sent before it is older than what is sent in it. */
  beginRound(): void {
    this.round++;
  }

  /** Lets threads whose calls were sent before this round wait in a local pause(2), where signals reach them. */
  parkEarlier(): void {
    for (const thread of this.tracees.all()) if (thread.sentIn < this.round) this.park(thread);
  }

  /** The same with one thread, if its call is on the server. */
  park(thread: TraceeThread): void {
    if (isParkable(thread)) this.holder.park(thread);
  }

  /**
   * A signal has come to a thread whose call is on the server, or a summons (0): the call is cancelled, and the signal
   * delivered with its answer.
   */
  interrupted(thread: TraceeThread, signal: number): void {
    this.holder.take(thread);
    thread.pastEntry = true;
    thread.signal = signal;
    thread.cancelled = true;
    this.cancel(thread);
  }

  /** Ends the call that is on the server; its answer still comes. */
  cancel(thread: TraceeThread): void {
    this.tracees.move(thread, 'remote');
    thread.sentIn = this.round;
    if (this.means.channel.isLost) this.advance(thread, interruption);
    else this.tell({ type: 'cancel', stream: thread.stream });
  }
}

/** Whether it is in a call of this machine while its own is on the server. */
function isAway({ state }: TraceeThread): boolean {
  return state === 'parked' || state === 'both';
}

/** Not while its call is being cancelled, or it takes steps that are not of a call. */
function isParkable({ state, cancelled, beside, whenDone }: TraceeThread): boolean {
  return state === 'noticed' || (state === 'remote' && !cancelled && !beside && !whenDone);
}

/** Of a call on a placeholder nothing comes but EBADF. */
function isHarmless({ runs }: Row): boolean {
  return runs.kind === 'ownerOf' || runs.kind === 'mapping';
}
