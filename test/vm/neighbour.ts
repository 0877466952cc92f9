import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkout } from '../e2e/places';

export const vhostDeviceVsock = join(checkout, '.make/vm/vhost-device-vsock');

const DEADLINE_MS = 90_000;

/** A VM with a vsock device, whose other end is a Unix socket here: nothing of this machine's own vsock is used. */
export class Neighbour {
  private readonly folder = mkdtempSync(join(tmpdir(), 'rsc-vm-'));
  private readonly children: ChildProcess[] = [];
  private readonly ends: Promise<unknown>[] = [];

  /** The socket that takes `CONNECT port`. */
  readonly path = join(this.folder, 'vsock');

  constructor(
    private readonly kernel: string,
    private readonly command: readonly string[],
  ) {}

  /** Boots the VM; resolves to what its console shows up to a line with `cue`. */
  async boot(cue: RegExp): Promise<string> {
    const control = join(this.folder, 'control');
    const made = appears(control);
    this.start(vhostDeviceVsock, ['--vm', `guest-cid=3,socket=${control},uds-path=${this.path}`], {});
    await made;
    const devices = [
      ...['-object', 'memory-backend-memfd,id=memory,size=1536M,share=on'],
      ...['-chardev', `socket,id=vsock,reconnect=0,path=${control}`],
      ...['-device', 'vhost-user-vsock-pci,chardev=vsock'],
    ].join(' ');
    const env = { SERIAL_PORTS: '-serial stdio', DEVICES: devices };
    const vm = this.start(join(checkout, 'test/vm/boot'), [this.kernel, ...this.command], env);
    return says(vm, cue);
  }

  /** Turns it off. */
  async stop(): Promise<void> {
    for (const child of this.children) child.kill('SIGKILL');
    await Promise.all(this.ends);
    rmSync(this.folder, { recursive: true });
  }

  private start(program: string, words: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
    const child = spawn(program, words, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.children.push(child);
    this.ends.push(once(child, 'close'));
    return child;
  }
}

/** Resolves when a file is there. */
async function appears(path: string): Promise<void> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const watcher = watch(join(path, '..'), { signal });
  while (!existsSync(path)) await once(watcher, 'change', { signal });
  watcher.close();
}

/** What a program says up to a line; rejects with all that it said when it ends before, or at the deadline. */
async function says({ stdout }: ChildProcess, cue: RegExp): Promise<string> {
  if (stdout === null) throw new Error('nothing is to be read of this program');
  const seen: string[] = [];
  const deadline = setTimeout(() => stdout.destroy(), DEADLINE_MS);
  for await (const line of createInterface({ input: stdout })) {
    seen.push(line);
    if (!cue.test(line)) continue;
    clearTimeout(deadline);
    stdout.resume();
    return seen.join('\n');
  }
  throw new Error(`the VM did not say ${String(cue)}; console:\n${seen.slice(-20).join('\n')}`);
}
