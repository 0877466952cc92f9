/** splice from a pipe of this machine to a remote file: what the file does not take stays in the pipe. */
import { closeSync, openSync, readSync } from 'node:fs';
import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import type { Call } from '../call.js';
import type { Part } from '../steps.js';
import type { Context, Named } from './context.js';

const INT_BYTES = 4;
/** ERESTARTSYS of the kernel (linux/errno.h): the call begins anew, or gives EINTR, when the signal has been delivered. */
export const RESTARTS = -512n;
/** Both ends of a pipe in the tracee. */
interface Pipe {
  readonly out: bigint;
  readonly into: bigint;
}

/**
 * The bytes are copied to a second pipe first, by tee(2), which waits and refuses as splice(2) does, and leave the first one
 * when the file has taken them: nobody could put them back in front of what a writer has added since.
 */
export function* pumpFromPipe(
  context: Context,
  call: Call,
  { from, flags }: Named<'pumps'>,
  limit: bigint,
  write: (bytes: Uint8Array) => Part<bigint>,
): Part<bigint> {
  return yield* withPipe(context, call, call.arg(from), function* ({ out, into }) {
    const { step } = context;
    if (call.thread.postponed.length > 0) return RESTARTS;
    const given = flags === undefined ? 0n : call.arg(flags);
    const copied = yield* step.local(step.number('tee'), [call.arg(from), into, limit, given]);
    if (copied <= 0n) return copied;
    const written = yield* write(readPipe(call.thread.process.pid, out, Number(copied)));
    if (written <= 0n) return written;
    const now = BigInt(constant('SPLICE_F_NONBLOCK'));
    yield* step.local(step.number('splice'), [call.arg(from), 0n, into, 0n, written, now]);
    return written;
  });
}

/** Takes the bytes out of the tracee's pipe, where they are. */
function readPipe(pid: number, out: bigint, count: number): Buffer {
  const file = openSync(`/proc/${pid}/fd/${out}`, 'r');
  try {
    const bytes = Buffer.alloc(count);
    for (let got = 0; got < count;) got += readSync(file, bytes, got, count - got, null);
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** Makes a pipe in the tracee, with as much room as the one that is to be copied, and closes it afterwards. */
function* withPipe(
  context: Context,
  { thread }: Call,
  like: bigint,
  use: (pipe: Pipe) => Part<bigint>,
): Part<bigint> {
  const { step } = context;
  const ends = Buffer.alloc(2 * INT_BYTES);
  const addr = yield* step.lend(thread, ends);
  if (addr < 0n) return addr;
  const made = yield* step.local(step.number('pipe2'), [addr, BigInt(constant('O_CLOEXEC'))]);
  // splice(2) has ENOMEM, and no error for a table that is full.
  if (made < 0n || step.read(thread, addr, ends) < ends.length) return BigInt(-errno.ENOMEM);
  const pipe = { out: BigInt(ends.readInt32LE(0)), into: BigInt(ends.readInt32LE(INT_BYTES)) };
  const room = yield* step.local(step.number('fcntl'), [like, BigInt(constant('F_GETPIPE_SZ'))]);
  if (room > 0n) yield* step.local(step.number('fcntl'), [pipe.into, BigInt(constant('F_SETPIPE_SZ')), room]);
  const result = yield* use(pipe);
  for (const end of [pipe.out, pipe.into]) yield* step.local(step.number('close'), [end]);
  return result;
}
