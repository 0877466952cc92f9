import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deadlineOf } from './deadline';
import { plainEnv, run, type Ending } from './ending';
import { Meeting } from './meeting';
import { rscProgram } from './places';
import { Talk } from './talk';

const DEADLINE_MS = deadlineOf(20_000);

/** A user's runtime folder, in which sessions have their sockets, and a folder that two sides have. */
export class Living {
  private readonly base = mkdtempSync(join(tmpdir(), 'rsc-live-'));
  readonly runtime = join(this.base, 'run');
  readonly sockets = join(this.runtime, 'rsc');
  readonly folder = join(this.base, 'here');
  readonly root = join(this.base, 'root');
  private readonly env = {
    ...plainEnv,
    XDG_RUNTIME_DIR: this.runtime,
    XDG_CONFIG_HOME: join(this.base, 'etc'),
  };
  private readonly meeting = new Meeting(this.root);
  private readonly talks: Talk[] = [];
  private readonly known = new Set<string>();

  constructor() {
    for (const path of [this.folder, join(this.root, this.folder)]) mkdirSync(path, { recursive: true });
    mkdirSync(this.runtime, { mode: 0o700 });
    mkdirSync(this.sockets, { mode: 0o700 });
    writeFileSync(join(this.folder, 'where'), 'here\n');
    writeFileSync(join(this.root, this.folder, 'where'), 'there\n');
  }

  /** A policy by which the folder is the server's, or this machine's. */
  policy(route: 'local' | 'remote'): string {
    const file = join(this.base, `${route}.yaml`);
    writeFileSync(
      file,
      `version: 1\npreset: file\nrules:\n  - {syscalls: file, paths: ${this.folder}/**, route: ${route}}\n`,
    );
    return file;
  }

  rsc(...words: readonly string[]): Promise<Ending> {
    return run([process.execPath, rscProgram, ...words], { env: this.env });
  }

  start(...words: readonly string[]): Talk {
    const settings = Object.entries(this.env).map(([name, value]) => `${name}=${value ?? ''}`);
    const talk = new Talk(['env', ...settings, ...words]);
    this.talks.push(talk);
    return talk;
  }

  /** What names the server on a command line of rsc's. */
  serverWords(): Promise<readonly string[]> {
    return this.meeting.words();
  }

  /** Starts a session; resolves with it and its id once it can be asked. */
  async session(...words: readonly string[]): Promise<{ talk: Talk; id: string; socket: string }> {
    const talk = this.start(process.execPath, rscProgram, ...words);
    const id = await this.newSocket();
    return { talk, id, socket: join(this.sockets, `${id}.sock`) };
  }

  async clear(): Promise<void> {
    for (const talk of this.talks) await talk.stop();
    await this.meeting.end();
    rmSync(this.base, { recursive: true });
  }

  private newSocket(): Promise<string> {
    return new Promise((resolve, reject) => {
      const watcher = watch(this.sockets, () => look());
      const deadline = setTimeout(() => {
        watcher.close();
        reject(new Error(`no session within ${DEADLINE_MS} ms`));
      }, DEADLINE_MS);
      const look = (): void => {
        const name = readdirSync(this.sockets).find(
          (file) => file.endsWith('.sock') && !this.known.has(file),
        );
        if (name === undefined || !existsSync(join(this.sockets, name))) return;
        this.known.add(name);
        clearTimeout(deadline);
        watcher.close();
        resolve(name.replace('.sock', ''));
      };
      look();
    });
  }
}
