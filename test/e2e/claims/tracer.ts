import { native } from '@rsc/addon';
import { nameOf, numberOf } from '@rsc/core/abi/lookup';
import { ClaimGroups } from '@rsc/core/tracer/claim-groups';
import { ClaimMarks } from '@rsc/core/tracer/claim-marks';
import { countOf, Counter, EVENT_WORDS, EventKind, GroupFlag } from '@rsc/core/tracer/claim-layout';
import type { ClaimMemory } from '@rsc/core/tracer/claims';
import { decodeEvent, END_WITH_TRACER, Request } from '@rsc/core/tracer/ptrace';
import { Registers } from '@rsc/core/tracer/registers';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { guest } from '../places';
import { writeGeneration, writeSlot } from './memory';
import { ANSWER, type Claim, type Outcome, type Scenario, type Turn } from './scenario';

const SYSCALL_STOPS = 0x1; /* PTRACE_O_TRACESYSGOOD */
const FOLLOW_CHILDREN = 0x2 | 0x8; /* PTRACE_O_TRACEFORK, _TRACECLONE */
/** A copy of the socket, which is watched, and the pipe that the guest reports on. */
const BY_PREPARE = 2;
const ENDING = GroupFlag.claim | GroupFlag.endsWithTracer;
const arch = 'x86_64';

/** The smallest tracer that claims need: `tracer.js SCENARIO` traces a guest, and prints the Outcome in the last line. */
class ClaimTracer {
  private readonly machine = native();
  private readonly event = new Int32Array(2);
  private readonly registers = new Registers(this.machine.registerCount);
  private readonly memory: ClaimMemory;
  private readonly marks: ClaimMarks;
  private readonly claims: Claim[] = [];
  /** Threads that make their call for the tracer: how many stops of it are still to come. */
  private readonly making = new Map<number, number>();
  private readonly first: number;
  private readonly before = descriptors();

  constructor(
    private readonly scenario: Scenario,
    socket: number,
  ) {
    const { machine, registers } = this;
    for (let round = 0; round < (scenario.rounds ?? 0); round++) {
      machine.openClaims(scenario.vetoes ?? []);
      machine.closeClaims();
    }
    this.memory = machine.openClaims(scenario.vetoes ?? []);
    this.marks = new ClaimMarks(this.memory.marks);
    scenario.generations.forEach((generation, index) => {
      writeGeneration(machine, this.memory, index, generation);
    });
    writeSlot(this.memory, 0, scenario.remote ?? []);
    machine.prepare(socket, this.event, registers.words);
    const calls = scenario.calls.map((call) =>
      call.replace(/^\w+/, (name) =>
        ['fork', 'thread', 'turn'].includes(name) || /^\d/.test(name) ? name : `${numberOf(arch, name)}`,
      ),
    );
    const options = SYSCALL_STOPS | FOLLOW_CHILDREN | (scenario.survives ? 0 : END_WITH_TRACER);
    const program = guest('static-make-calls');
    this.first = machine.spawn(program, [program, ...calls], [], Buffer.alloc(0), options, false).pid;
  }

  run(): Outcome {
    for (;;) {
      const thread = this.machine.wait(true);
      if (thread === 0) continue;
      const status = this.serve(thread);
      if (status !== undefined && thread === this.first) return this.outcome(status);
    }
  }

  /** The status of a thread that has ended. */
  private serve(thread: number): number | undefined {
    const { machine, marks } = this;
    const event = decodeEvent(this.event[0] ?? 0, this.event[1] ?? 0);
    if (event.kind === 'ended') {
      marks.forget(thread);
      return event.signal === 0 ? event.status : 128 + event.signal;
    }
    const number = marks.takeClaim(thread)?.number ?? -1;
    if (number >= 0) this.serveClaim(thread, number, event.kind === 'signal' ? event.signal : 0);
    else if (event.kind === 'syscall') this.makeForTracer(thread);
    else if (event.kind === 'trap') this.begin(thread);
    else if (event.kind === 'signal') machine.resume(thread, Request.continue, event.signal, false);
    else machine.resume(thread, Request.continue, 0, false);
    return undefined;
  }

  /** A task that has just been made. */
  private begin(thread: number): void {
    const { slot = 0, survives, flags = survives ? GroupFlag.claim : ENDING } = this.scenario;
    const process = Number(/^Tgid:\s+(\d+)/m.exec(readFileSync(`/proc/${thread}/status`, 'latin1'))?.[1]);
    new ClaimGroups(this.memory.groups).set(process, slot, flags);
    this.machine.resume(thread, Request.continue, 0, false);
  }

  private turn(): Turn {
    const { turns = ['answer'] } = this.scenario;
    return turns[Math.min(this.claims.length, turns.length - 1)] ?? 'answer';
  }

  private serveClaim(thread: number, number: number, signal: number): void {
    const { machine, registers } = this;
    const turn = this.turn();
    const name = Object.entries(constants.signals).find(([, value]) => value === signal)?.[0] ?? 'none';
    this.claims.push({
      call: nameOf(arch, number) ?? `${number}`,
      signal: name,
      result: Number(registers.result),
    });
    if (turn === 'hang') hang();
    if (turn === 'pass' || turn === 'local') registers.rewindTo(number);
    if (turn === 'pass' && !this.marks.passOnce(thread, number))
      throw new Error('there is no room for a pass');
    if (turn === 'flip') Atomics.xor(new Int32Array(this.memory.active), 0, 1);
    if (turn === 'answer' || turn === 'flip') {
      registers.result = BigInt(ANSWER);
      registers.cancelCall();
    }
    if (turn === 'local') this.making.set(thread, 2);
    machine.resume(thread, turn === 'local' ? Request.syscall : Request.continue, 0, true);
  }

  private makeForTracer(thread: number): void {
    const left = (this.making.get(thread) ?? 0) - 1;
    this.making.set(thread, left);
    this.machine.resume(thread, left > 0 ? Request.syscall : Request.continue, 0, false);
  }

  private outcome(status: number): Outcome {
    const { machine, claims, memory } = this;
    const words = new BigUint64Array(memory.counters);
    const counters = Object.fromEntries(
      Object.entries(Counter).map(([name, counter]) => [name, countOf(words, counter)]),
    );
    counters['unseen'] = machine.countMisses();
    counters['passed'] = Number((counters['passed'] ?? 0) > 0);
    const buffer = new Int32Array(64 * EVENT_WORDS);
    const events = Array.from({ length: machine.readEvents(buffer) }, (_, index) => {
      const [, number = -1, kind] = buffer.subarray(index * EVENT_WORDS);
      const word = Object.entries(EventKind).find(([, value]) => value === kind)?.[0] ?? `${kind}`;
      return { call: nameOf(arch, number) ?? `${number}`, kind: word };
    });
    machine.closeClaims();
    const left = descriptors() - this.before - BY_PREPARE;
    return { claims, counters, events, status, left };
  }
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function hang(): void {
  writeSync(1, 'hangs\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const folder = mkdtempSync(join(tmpdir(), 'rsc-claims-'));
const path = join(folder, 'socket');
createServer().listen(path, () => {
  const socket = native().connectUnix(path, 5000);
  rmSync(folder, { recursive: true });
  const tracer = new ClaimTracer(JSON.parse(process.argv[2] ?? '') as Scenario, socket);
  writeSync(1, `${JSON.stringify(tracer.run())}\n`);
  process.exit(0);
});
