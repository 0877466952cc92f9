/** A running process, before it is attached. */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { RscError } from '../errors.js';

/** What the tracer takes over of a process that it attaches. */
export interface Target {
  readonly pid: number;
  /** As comm in proc(5). */
  readonly name: string;
  /** The program that it runs: an absolute local path in latin1. */
  readonly image: string;
  readonly umask: number;
  /** Whether it has seccomp filters of its own. */
  readonly isFiltered: boolean;
}

/** An ELF header of a 64-bit program has this in its fifth byte (elf(5): EI_CLASS). */
const ELF_CLASS = 4;
const ELFCLASS64 = 2;
const HEAD_BYTES = 5;

/** Looks at the process `pid`. Throws RSC_ATTACH_REFUSED, where it is none that can be attached. */
export function examine(pid: number): Target {
  const status = statusOf(pid);
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
  const group = Number(field('Tgid'));
  if (group !== pid) throw cannot(pid, `it is a thread of process ${group}`, `rsc attach --pid ${group}`);
  if (field('State').startsWith('Z')) throw cannot(pid, 'it has ended', 'its parent has yet to wait for it');
  if (field('Kthread') === '1' || field('VmSize') === '') {
    throw cannot(
      pid,
      `it is the kernel thread ${field('Name')}`,
      'only processes that run programs make calls',
    );
  }
  const tracer = field('TracerPid');
  if (tracer !== '0') {
    throw cannot(pid, `process ${tracer} traces it already`, `end that tracer: ps -p ${tracer}`);
  }
  return {
    pid,
    name: field('Name'),
    image: imageOf(pid),
    umask: parseInt(field('Umask'), 8),
    isFiltered: field('Seccomp') !== '0',
  };
}

/** The ids of the threads that a process has now. Throws as `examine` does. */
export function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch (cause) {
    throw hasEnded(pid, cause);
  }
}

/** The error of a process that is not there any more. */
export function hasEnded(pid: number, cause: unknown): RscError {
  return cannot(pid, 'it has ended meanwhile', 'see which processes there are: ps -e', cause);
}

/** The error of a process that cannot be attached. */
export function cannot(pid: number, because: string, suggestion: string, cause?: unknown): RscError {
  return new RscError('RSC_ATTACH_REFUSED', `cannot attach to process ${pid}: ${because}`, suggestion, {
    cause,
  });
}

/** The error of a process that the kernel keeps from this user. */
export function mayNot(pid: number, because: string, cause?: unknown): RscError {
  return cannot(
    pid,
    because,
    'run rsc as the owner of the process, or with CAP_SYS_PTRACE; rsc doctor says what forbids it',
    cause,
  );
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch (cause) {
    throw cannot(pid, 'there is no such process', 'see which processes there are: ps -e', cause);
  }
}

function imageOf(pid: number): string {
  const path = `/proc/${pid}/exe`;
  try {
    if (headOf(path)[ELF_CLASS] !== ELFCLASS64) {
      throw cannot(pid, 'it runs a 32-bit program', 'rsc knows the calls of 64-bit programs only');
    }
    return readlinkSync(path, 'latin1').replace(/ \(deleted\)$/, '');
  } catch (cause) {
    if (cause instanceof RscError) throw cause;
    throw mayNot(pid, 'this user may not trace it', cause);
  }
}

function headOf(path: string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  const descriptor = openSync(path, 'r');
  readSync(descriptor, head);
  closeSync(descriptor);
  return head;
}
