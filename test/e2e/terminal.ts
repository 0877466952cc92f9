import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { deadlineOf } from './deadline';
import { plainEnv } from './ending';
import { besideSource } from './places';

const DEADLINE_MS = deadlineOf(10_000);

/** A command in a pseudo-terminal, and somebody who types and watches. */
export class Terminal {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly ended: Promise<number>;
  private shown = '';
  private seen = 0;
  private look: () => void = () => undefined;

  constructor(command: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn('/usr/bin/python3', [besideSource('terminal.py'), ...command], {
      // A shell whose terminal is closed would save its history, after the test that has ended.
      env: { ...plainEnv, TERM: 'dumb', PS1: 'ready> ', HISTFILE: '', ...env },
      cwd: '/',
    });
    this.child.stdin.on('error', () => undefined);
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.shown += text;
      this.look();
    });
    this.ended = new Promise((resolve) => this.child.on('close', (code) => resolve(code ?? -1)));
  }

  type(text: string): void {
    this.child.stdin.write(text);
  }

  /** Resolves once `text` has been shown after what was waited for before; to all that was shown until then. */
  until(text: string, deadlineMs = DEADLINE_MS): Promise<string> {
    const from = this.seen;
    const shown = new Promise<string>((resolve) => {
      this.look = () => {
        const at = this.shown.indexOf(text, from);
        if (at < 0) return;
        this.seen = at + text.length;
        resolve(this.shown.slice(from, at));
      };
      this.look();
    });
    return this.by(deadlineMs, shown, `"${text}" was not shown`);
  }

  /** Resolves to the exit status of the command, once it has ended. */
  end(deadlineMs = DEADLINE_MS): Promise<number> {
    return this.by(deadlineMs, this.ended, 'the command had not ended');
  }

  /** Ends what is left: the hang-up of its terminal ends the command. */
  close(): Promise<number> {
    this.child.kill('SIGKILL');
    return this.ended;
  }

  private by<T>(deadlineMs: number, event: Promise<T>, complaint: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        reject(new Error(`${complaint} after ${deadlineMs} ms; the terminal shows:\n${this.shown}`));
      }, deadlineMs);
      void event.then((value) => {
        clearTimeout(deadline);
        resolve(value);
      });
    });
  }
}
