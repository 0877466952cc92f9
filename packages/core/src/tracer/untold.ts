/**
 * Calls that a signal has interrupted before the tracer was told of them. A thread waits interruptibly for its notice to
 * be taken (kernel/seccomp.c: seccomp_do_user_notification), and then seems to have been interrupted in the call itself.
 */
import { statSync } from 'node:fs';
import type { Arch } from '../abi/constants.js';
import type { PathAt, Row } from '../abi/vocabulary.js';
import { AT_FDCWD, describe, PATH_MAX } from './call.js';
import type { Kernel } from './kernel.js';
import type { TraceeThread } from './process.js';
import type { Registers } from './registers.js';

const ERESTARTSYS = -512n;

/** Knows calls that have not begun from calls that wait. */
export class Untold {
  /** The calls that notices tell of, by number. */
  told: ReadonlySet<number> = new Set();
  private readonly text = Buffer.alloc(PATH_MAX);

  constructor(
    private readonly kernel: Kernel,
    private readonly arch: Arch,
  ) {}

  /**
   * Whether the thread, which stands at a signal, has made a call that was not told. It has, if the call was not let pass
   * before, or is one that no signal interrupts natively. A call that may wait, and was let pass the last time that
   * the thread made it, is taken to be waiting.
   */
  isUntold(thread: TraceeThread, stopped: Registers): boolean {
    if (stopped.result !== ERESTARTSYS || !this.told.has(stopped.number)) return false;
    if (thread.passed !== stopped.number) return true;
    const row = describe(this.arch, stopped)?.row;
    return row !== undefined && !this.mayWait(row, thread.process.pid, stopped);
  }

  private mayWait(row: Row, pid: number, stopped: Registers): boolean {
    const fact = row.facts.find(({ kind }) => kind === 'blocks');
    if (fact?.kind !== 'blocks') return false;
    // The kernel has other results for these, when a signal interrupts them (fs/select.c).
    if (row.facts.some(({ kind }) => kind === 'timesOut')) return false;
    if (fact.unlessRegular !== undefined)
      return isWaitedFor(`/proc/${pid}/fd/${stopped.int(row.names.indexOf(fact.unlessRegular))}`);
    return fact.unlessRegularPath === undefined || this.mayWaitAt(fact.unlessRegularPath, row, pid, stopped);
  }

  private mayWaitAt([dirfd, path]: PathAt, row: Row, pid: number, stopped: Registers): boolean {
    const pointer = stopped.argument(row.names.indexOf(path));
    const length = this.kernel.readString(pid, pointer, this.text, 0, PATH_MAX);
    if (length < 0) return false;
    const name = this.text.subarray(0, length);
    if (name[0] === SLASH) return isWaitedFor(name);
    const from = dirfd === undefined ? AT_FDCWD : stopped.int(row.names.indexOf(dirfd));
    return isWaitedFor(
      Buffer.concat([Buffer.from(`/proc/${pid}/${from === AT_FDCWD ? 'cwd' : `fd/${from}`}/`), name]),
    );
  }
}

const SLASH = 0x2f;

/** Whether the local file is one that calls wait for: a FIFO, a device, a socket. */
function isWaitedFor(path: string | Buffer): boolean {
  try {
    const file = statSync(path);
    return !file.isFile() && !file.isDirectory();
  } catch {
    // There is no such file, so no call waits for it.
    return false;
  }
}
