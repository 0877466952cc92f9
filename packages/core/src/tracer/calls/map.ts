/** Mapping a remote file. */
import { constant } from '../../abi/constants.js';
import { errno, isError } from '../../abi/errno.js';
import { MAX_PAYLOAD } from '../../protocol/limits.js';
import type { Call } from '../call.js';
import type { RemoteDescriptor } from '../descriptors.js';
import type { Part, Steps } from '../steps.js';
import type { Context } from './context.js';
import { mapShared } from './map-shared.js';
import { imageOf, statusFlags } from './remote-file.js';
import { synchronise } from './synchronise.js';

/** MAP_SHARED, MAP_PRIVATE and their kin are values in these bits of the flags (mmap(2)). */
const MAP_TYPE = 0x0f;

/** What mmap(2) answers where pread(2) answers otherwise: not a file that can be mapped. */
const mapErrors: Readonly<Record<number, number>> = {
  [errno.EISDIR]: errno.ENODEV,
  [errno.ESPIPE]: errno.ENODEV,
};

/** A private mapping of a remote file is anonymous memory, filled from the server. */
export function* map(context: Context, call: Call): Steps {
  const route = context.routeOf(call);
  if (route.side !== 'remote' || call.row.runs.kind !== 'mapping') return undefined;
  const { thread } = call;
  const [addr = 0n, length = 0n, prot = 0n, flags = 0n, , offset = 0n] = call.registers();
  const descriptor = thread.process.descriptors.get(call.int(call.row.runs.fd));
  if (Number(flags) & constant('MAP_ANONYMOUS') || descriptor === undefined) return undefined;
  const writable = (Number(prot) & constant('PROT_WRITE')) !== 0;
  if ((Number(flags) & MAP_TYPE) !== constant('MAP_PRIVATE'))
    return yield* mapShared(context, call, descriptor);
  const image = yield* imageOf(context, thread, descriptor);
  if (image) yield* synchronise(context, thread, image, false);
  const readAt = (from: bigint) =>
    context.step.direct(thread, {
      number: context.step.number('pread64'),
      args: [BigInt(descriptor.number), 0n, min(length - from, BigInt(MAX_PAYLOAD)), offset + from],
      output: { register: 1, size: Number(min(length - from, BigInt(MAX_PAYLOAD))), counted: true },
    });
  let { result, outputs } = yield* readAt(0n);
  if (result === BigInt(-errno.EBADF)) return yield* unreadable(context, call, descriptor);
  if (result < 0n) return BigInt(-(mapErrors[-Number(result)] ?? -Number(result)));
  // The answer's bytes are gone with the next frame; the mapping has to be made before they can be put there.
  let bytes = new Uint8Array(outputs[0] ?? []);
  const mapped = yield* context.step.local(call.number, [
    addr,
    length,
    prot | BigInt(constant('PROT_WRITE')),
    (flags & ~BigInt(MAP_TYPE)) | BigInt(constant('MAP_PRIVATE') | constant('MAP_ANONYMOUS')),
    -1n,
    0n,
  ]);
  if (isError(mapped)) return mapped;
  for (let filled = 0n; bytes.length > 0;) {
    // Memory that was mapped writable a moment ago: another thread has unmapped it since.
    if (context.step.write(thread, mapped + filled, bytes) < bytes.length) return BigInt(-errno.ENOMEM);
    filled += BigInt(bytes.length);
    if (filled >= length) break;
    ({ result, outputs } = yield* readAt(filled));
    if (result < 0n) {
      yield* context.step.local(context.step.number('munmap'), [mapped, length]);
      return result;
    }
    bytes = new Uint8Array(outputs[0] ?? []);
  }
  if (!writable) yield* context.step.local(context.step.number('mprotect'), [mapped, length, prot]);
  return mapped;
}

/** A descriptor that cannot be read: one that is for its path only is none to mmap(2). */
function* unreadable(context: Context, call: Call, { number }: RemoteDescriptor): Part<bigint> {
  const opened = yield* statusFlags(context, call.thread, number);
  if (opened < 0n) return opened;
  return BigInt(Number(opened) & constant('O_PATH') ? -errno.EBADF : -errno.EACCES);
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
