/** `effect-tracer.js GROUPS FOLDER` makes calls, claimed and not, and prints what each has changed: a line of JSON for each. */
import { native } from '@rsc/addon';
import { numberOf } from '@rsc/core/abi/lookup';
import type { SyscallName } from '@rsc/core/abi/table';
import { ClaimGroups } from '@rsc/core/tracer/claim-groups';
import { GroupFlag, RuleFlag, RuleKind } from '@rsc/core/tracer/claim-layout';
import { ClaimMarks } from '@rsc/core/tracer/claim-marks';
import type { ClaimMemory } from '@rsc/core/tracer/claims';
import { decodeEvent, END_WITH_TRACER, Request } from '@rsc/core/tracer/ptrace';
import { Registers } from '@rsc/core/tracer/registers';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { guest } from '../places';
import { MARK, wordsOf } from './effect-calls';
import { writeGeneration, writeSlot } from './memory';
import { recipes } from './recipes';
import type { RuleWords } from './scenario';
import { differencesIn, resultIn, stateOf, type State } from './state';

/** Calls under the vetoes that they have. */
export interface Group {
  readonly vetoes: readonly string[];
  readonly names: readonly SyscallName[];
}

/** What became of a call. */
export interface Change {
  readonly name: SyscallName;
  readonly isClaimed: boolean;
  /** What has changed, by State; `process` where it has ended meanwhile. */
  readonly changed: readonly string[];
  /** What it has answered here; of a claimed call, at the stop of its claim. */
  readonly result: number;
  /** Where a call failed that prepares it, its index and result. */
  readonly unprepared: readonly (readonly [index: number, result: number])[];
}

const FOLLOW_CHILDREN = 0x2 | 0x4 | 0x8; /* PTRACE_O_TRACEFORK, _TRACEVFORK, _TRACECLONE */
const ANSWER = 777n;
const ECHILD = -10;
const SIGKILL = 9;

class EffectTracer {
  private readonly machine = native();
  private readonly event = new Int32Array(2);
  private readonly registers = new Registers(this.machine.registerCount);
  private readonly tasks = new Set<number>();
  private memory!: ClaimMemory;
  private marks!: ClaimMarks;

  constructor(
    socket: number,
    private readonly above: string,
  ) {
    this.machine.prepare(socket, this.event, this.registers.words);
  }

  prove({ vetoes, names }: Group): void {
    this.memory = this.machine.openClaims(vetoes);
    this.marks = new ClaimMarks(this.memory.marks);
    writeSlot(this.memory, 0, []);
    for (const name of names)
      for (const isClaimed of [true, false])
        if (isClaimed || recipes[name]?.unseen === undefined)
          writeSync(1, `${JSON.stringify(this.change(name, isClaimed))}\n`);
    this.machine.closeClaims();
  }

  private change(name: SyscallName, isClaimed: boolean): Change {
    const { machine, registers, marks } = this;
    const recipe = recipes[name] ?? {};
    const { first = [], asks = [] } = recipe;
    const folder = mkdtempSync(join(this.above, 'made-'));
    writeFileSync(join(folder, 'file'), 'as it was\n');
    symlinkSync('file', join(folder, 'link'));
    for (const each of ['directory', 'other']) mkdirSync(join(folder, each));
    this.rule(name, { kind: RuleKind.never });
    const program = guest('static-effects');
    const words = [program, ...wordsOf(name, recipe, folder)];
    const { pid } = machine.spawn(
      program,
      words,
      [],
      Buffer.alloc(0),
      FOLLOW_CHILDREN | END_WITH_TRACER,
      false,
    );
    const tested = first.length + asks.length + 1;
    const unprepared: [number, number][] = [];
    let before: State | undefined;
    let claimedResult: number | undefined;
    let change: Change | undefined;
    for (;;) {
      const thread = machine.wait(true);
      if (thread === ECHILD) break;
      if (thread === 0) continue;
      const event = decodeEvent(this.event[0] ?? 0, this.event[1] ?? 0);
      if (event.kind === 'ended') {
        marks.forget(thread);
        this.tasks.delete(thread);
        if (thread !== pid) continue;
        change ??= { name, isClaimed, changed: ['process'], result: claimedResult ?? 0, unprepared };
        this.killAll();
        continue;
      }
      this.tasks.add(thread);
      // One that was made just before is told of only now.
      if (change !== undefined) {
        process.kill(thread, SIGKILL);
        continue;
      }
      if (event.kind === 'trap' && thread === pid)
        new ClaimGroups(this.memory.groups).set(pid, 0, GroupFlag.claim | GroupFlag.endsWithTracer);
      const number = marks.takeClaim(thread)?.number ?? -1;
      if (number === numberOf('x86_64', MARK) && before === undefined) {
        before = { ...stateOf(pid, folder), asked: this.asked(pid, first.length, asks.length) };
        for (let index = 0; index < first.length; index++)
          if (resultIn(pid, index) < 0) unprepared.push([index, resultIn(pid, index)]);
        if (isClaimed) this.rule(name, {});
      } else if (number === numberOf('x86_64', MARK) && before !== undefined) {
        const after = { ...stateOf(pid, folder), asked: this.asked(pid, tested + 1, asks.length) };
        const result = claimedResult ?? resultIn(pid, tested);
        change = { name, isClaimed, changed: differencesIn(before, after), result, unprepared };
        this.killAll();
        continue;
      } else if (number >= 0) {
        claimedResult = Number(registers.result);
        this.rule(name, { kind: RuleKind.never });
        registers.result = ANSWER;
        registers.cancelCall();
      }
      const signal = number < 0 && event.kind === 'signal' ? event.signal : 0;
      machine.resume(thread, Request.continue, signal, number >= 0);
    }
    rmSync(folder, { recursive: true });
    if (change === undefined) throw new Error(`cannot tell what became of ${name}`);
    return change;
  }

  private rule(name: SyscallName, words: RuleWords): void {
    const rules = { [MARK]: { flags: RuleFlag.isWanted }, [name]: words };
    writeGeneration(this.machine, this.memory, 0, { rules });
  }

  private asked(pid: number, first: number, count: number): string {
    return Array.from({ length: count }, (_, index) => resultIn(pid, first + index)).join();
  }

  private killAll(): void {
    for (const task of this.tasks) process.kill(task, SIGKILL);
  }
}

const [groups = '', folder = ''] = process.argv.slice(2);
const socketPath = join(folder, 'socket');
createServer().listen(socketPath, () => {
  const tracer = new EffectTracer(native().connectUnix(socketPath, 5000), folder);
  for (const group of JSON.parse(groups) as Group[]) tracer.prove(group);
  process.exit(0);
});
