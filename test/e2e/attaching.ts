import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attachFlags } from './engines';
import { Meeting } from './meeting';
import { rscProgram } from './places';
import { Talk } from './talk';

/** A folder that this machine and a server both have: `where` in it says whose it is, `here` or `there`. */
export class TwoSides {
  private readonly base = mkdtempSync(join(tmpdir(), 'rsc-attach-'));
  /** The folder, by the name that it has on both sides. */
  readonly folder = join(this.base, 'here');
  /** The server's root. */
  readonly root = join(this.base, 'root');
  private readonly meeting = new Meeting(this.root);
  private readonly talks: Talk[] = [];

  constructor() {
    for (const path of [this.folder, this.there()]) mkdirSync(path, { recursive: true });
    writeFileSync(join(this.folder, 'where'), 'here\n');
    writeFileSync(this.there('where'), 'there\n');
  }

  /** A file of the folder on the server, as this machine finds it. */
  there(name = ''): string {
    return join(this.root, this.folder, name);
  }

  /** Starts a program. */
  start(...command: readonly string[]): Talk {
    const talk = new Talk(command);
    this.talks.push(talk);
    return talk;
  }

  /** Starts a program that is never idle, behind whatever else would run: rsc has to start beside it, again and again. */
  startBusy(...command: readonly string[]): Talk {
    return this.start('nice', '-n', '19', ...command);
  }

  /** Starts a Python program that knows the folder as `folder`. */
  python(...lines: readonly string[]): Talk {
    const program = ['import os, sys', 'folder = sys.argv[1]', 'where = folder + "/where"', ...lines];
    return this.start('/usr/bin/python3', '-u', '-c', program.join('\n'), this.folder);
  }

  /** Attaches a process; resolves when that is done. */
  async attach(pid: number, ...flags: readonly string[]): Promise<Talk> {
    const rsc = await this.attaching(pid, ...flags);
    await rsc.hears(`rsc: attached to process ${pid}`);
    return rsc;
  }

  /** Begins to attach a process. */
  async attaching(pid: number, ...flags: readonly string[]): Promise<Talk> {
    return this.rsc(...(await this.meeting.words()), '--pid', String(pid), ...flags);
  }

  rsc(...flags: readonly string[]): Talk {
    const engine = flags.includes('--engine') ? [] : attachFlags;
    return this.start(process.execPath, rscProgram, 'attach', ...engine, ...flags);
  }

  /** Lets the processes go that `rsc` has attached. */
  async detach(rsc: Talk): Promise<void> {
    rsc.signal('SIGINT');
    const status = await rsc.ended();
    if (status !== 0) throw new Error(`rsc ended with ${status}: ${rsc.lines.join('\n')}`);
  }

  /** Ends what still runs. */
  async clear(): Promise<void> {
    for (const talk of this.talks) await talk.stop();
    await this.meeting.end();
    rmSync(this.base, { recursive: true });
  }
}

/** What the kernel says of a process: the field of /proc/PID/status. */
export function statusField(pid: number, name: string): string {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
}

/** The threads of a process that have stopped. */
export function stoppedThreads(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).filter((tid) =>
    /^State:\s*[Tt]/m.test(readFileSync(`/proc/${pid}/task/${tid}/status`, 'latin1')),
  );
}
