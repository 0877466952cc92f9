import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { deadlineOf } from './deadline';
import { plainEnv, statusOf } from './ending';

const DEADLINE_MS = deadlineOf(20_000);

/** A program that is talked with, line by line. */
export class Talk {
  /** All lines that it has said on its standard output and error. */
  readonly lines: string[] = [];
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly listeners = new Set<() => void>();
  private status: number | undefined;
  /** How many of the lines have been waited for. */
  private heard = 0;

  constructor(command: readonly string[], uid?: number) {
    const [program = '', ...args] = command;
    const identity = uid === undefined ? {} : { uid, gid: uid };
    this.child = spawn(program, args, { env: plainEnv, cwd: '/', ...identity });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        this.tell();
      });
    }
    this.child.stdin.on('error', () => undefined);
    this.child.on('close', (code, signal) => {
      this.status = statusOf(code, signal);
      this.tell();
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the program did not start');
    return this.child.pid;
  }

  say(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** The next line that has `text` in it. Rejects when the program ends, or the deadline passes, before it comes. */
  hears(text: string): Promise<string> {
    return this.when(`says ${JSON.stringify(text)}`, () => {
      const at = this.lines.findIndex((line, index) => index >= this.heard && line.includes(text));
      if (at >= 0) this.heard = at + 1;
      else if (this.status !== undefined) throw new Error(`it has ended: ${this.lines.join('\n')}`);
      return at < 0 ? undefined : this.lines[at];
    });
  }

  /** Says a line, and hears the next one. */
  async answer(line: string): Promise<string> {
    this.say(line);
    return await this.hears('');
  }

  /** Its exit status as a shell numbers it. */
  ended(): Promise<number> {
    return this.when('ends', () => this.status);
  }

  /** Ends it, whatever it does. */
  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  private when<T>(what: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(deadline);
        this.listeners.delete(listener);
        act();
      };
      const listener = () => {
        try {
          const found = look();
          if (found !== undefined) settle(() => resolve(found));
        } catch (error) {
          settle(() => reject(error as Error));
        }
      };
      const deadline = setTimeout(() => {
        const said = this.lines.slice(-20).join('\n');
        settle(() =>
          reject(new Error(`waited ${DEADLINE_MS} ms until the program ${what}; it said:\n${said}`)),
        );
      }, DEADLINE_MS);
      this.listeners.add(listener);
      listener();
    });
  }
}
