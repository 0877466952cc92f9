/** What a call can change on this machine, as seen from outside of the process that makes it. */
import { lstatSync, openSync, closeSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { BASE, RESULTS } from './effect-calls';

/** By what it is of. */
export type State = Readonly<Record<string, string>>;

const machineWide = ['kernel/hostname', 'kernel/domainname', 'kernel/ctrl-alt-del'];
const statusLines =
  /^(Name|Umask|Tgid|Uid|Gid|Groups|Threads|SigPnd|ShdPnd|SigBlk|SigIgn|SigCgt|Cap\w+|NoNewPrivs|Seccomp\w*|VmLck|Cpus_allowed):.*$/gm;
const mapLines = /^([0-9a-f]+-.*|VmFlags:.*)$/gm;
const namespaces = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'pid_for_children', 'time', 'user', 'uts'];

/** That of a process that is stopped, and of the folder it works in. */
export function stateOf(pid: number, folder: string): State {
  const proc = `/proc/${pid}`;
  const text = (name: string) => readFileSync(join(proc, name), 'latin1');
  return {
    tree: tree(folder),
    machine: machineWide.map((name) => readFileSync(`/proc/sys/${name}`, 'latin1')).join(''),
    swaps: readFileSync('/proc/swaps', 'latin1'),
    ipc: ['msg', 'sem', 'shm'].map((name) => readFileSync(`/proc/sysvipc/${name}`, 'latin1')).join(''),
    links: ['cwd', 'root', 'exe', ...namespaces.map((name) => `ns/${name}`)]
      .map((name) => readlinkSync(join(proc, name)))
      .join('\n'),
    mounts: text('mountinfo'),
    limits: text('limits'),
    credentials: linesOf(text('status'), statusLines),
    maps: linesOf(text('smaps'), mapLines),
    personality: text('personality'),
    timers: text('timers'),
    sockets: text('net/unix'),
    descriptors: descriptors(proc),
    children: children(pid),
    memory: memory(pid),
  };
}

/** What two states differ in. */
export function differencesIn(before: State, after: State): string[] {
  return Object.keys(before).filter((part) => before[part] !== after[part]);
}

/** What the Nth call of the process has returned. */
export function resultIn(pid: number, index: number): number {
  return Number(bytesAt(pid, RESULTS + 8 * index, 8).readBigInt64LE());
}

function linesOf(text: string, pattern: RegExp): string {
  return (text.match(pattern) ?? []).join('\n');
}

/** Names, kinds, modes, owners, sizes, times, links and contents. */
function tree(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const lines = names.map((name) => {
    const path = join(folder, name);
    const { mode, uid, gid, size, nlink, mtimeMs, ctimeMs } = lstatSync(path);
    const kind = mode & 0o170000;
    const holds =
      kind === 0o100000 ? readFileSync(path, 'latin1') : kind === 0o120000 ? readlinkSync(path) : '';
    return [name, mode, uid, gid, size, nlink, mtimeMs, ctimeMs, holds].join(' ');
  });
  return lines.join('\n');
}

function descriptors(proc: string): string {
  return readdirSync(`${proc}/fd`)
    .map(
      (fd) => `${fd} ${readlinkSync(`${proc}/fd/${fd}`)} ${readFileSync(`${proc}/fdinfo/${fd}`, 'latin1')}`,
    )
    .join('\n');
}

/** Of each: whether it has ended, and the signals that wait for it. */
function children(pid: number): string {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map((each) => [each, statusOf(each)] as const)
    .filter(([, status]) => status.includes(`\nPPid:\t${pid}\n`))
    .map(([each, status]) => `${each} ${linesOf(status, /^(State:\s+Z|SigPnd|ShdPnd).*$/gm)}`)
    .join('\n');
}

/** Empty where the process has ended since it was listed. */
function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}

function memory(pid: number): string {
  return bytesAt(pid, BASE, RESULTS - BASE).toString('latin1');
}

function bytesAt(pid: number, address: number, length: number): Buffer {
  const file = openSync(`/proc/${pid}/mem`, 'r');
  try {
    const bytes = Buffer.alloc(length);
    readSync(file, bytes, 0, length, address);
    return bytes;
  } finally {
    closeSync(file);
  }
}
