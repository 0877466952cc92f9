/** Waiting for several descriptors at once. */
import { errno } from '../../abi/errno.js';
import type { Call } from '../call.js';
import type { Steps } from '../steps.js';
import type { Context } from './context.js';

/** Waiting on several descriptors runs here while all of them are here. */
export function* watch(context: Context, call: Call): Steps {
  const { runs } = call.row;
  const { descriptors } = call.thread.process;
  if (runs.kind !== 'ownersIn' || descriptors.isEmpty) return undefined;
  const watched = runs.fds.flatMap((name) => descriptorsIn(context, call, name));
  if (!watched.some((fd) => descriptors.get(fd))) return undefined;
  return context.refusal(call, {
    side: 'refused',
    errno: errno.ENOSYS,
    because: 'a remote descriptor cannot be waited for yet',
  });
}

/** The descriptors that an argument holds. Memory that cannot be read holds none: the kernel will answer EFAULT. */
function descriptorsIn(context: Context, call: Call, name: string): number[] {
  const arg = call.row.args[name];
  const pointer = call.arg(name);
  if (arg?.kind === 'fd') return [call.int(name)];
  if (pointer === 0n || (arg?.kind !== 'pollfds' && arg?.kind !== 'fdset')) return [];
  const count = call.int(arg.count);
  const bytes = Buffer.alloc(
    Math.min(Math.max(arg.kind === 'pollfds' ? count * 8 : Math.ceil(count / 8), 0), 1 << 20),
  );
  if (context.step.read(call.thread, pointer, bytes) < bytes.length) return [];
  if (arg.kind === 'pollfds')
    return Array.from({ length: count }, (_, index) => bytes.readInt32LE(index * 8));
  return Array.from({ length: count }, (_, fd) => fd).filter((fd) => ((bytes[fd >> 3] ?? 0) >> (fd & 7)) & 1);
}
