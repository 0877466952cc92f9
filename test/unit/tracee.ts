import { numberOf, rowFor } from '@rsc/core/abi/lookup';
import { Call } from '@rsc/core/tracer/call';
import { DescriptorTable, type RemoteDescriptor } from '@rsc/core/tracer/descriptors';
import { TraceeProcess, TraceeThread } from '@rsc/core/tracer/process';

/** Words of struct user_regs_struct on x86_64 (sys/user.h). */
const REGISTERS = 27;

/** A thread of a process that stands in `directory` on the server, or in its local one. */
export function thread(directory: string | undefined): TraceeThread {
  const process = new TraceeProcess(1, 0, new DescriptorTable(), { remote: directory });
  return new TraceeThread(1, 7, process, REGISTERS);
}

/** A call of that thread with these registers, and with strings where registers have some. */
export function callOf(
  caller: TraceeThread,
  name: string,
  registers: readonly bigint[],
  strings: Readonly<Record<number, string>> = {},
): Call {
  registers.forEach((value, index) => {
    caller.registers.setArgument(index, value);
  });
  const number = numberOf('x86_64', name);
  const row = rowFor('x86_64', number, (index) => registers[index] ?? 0n)?.row;
  if (row === undefined) throw new Error(`no row for ${name}`);
  const call = new Call(caller, name, number, row);
  for (const [index, text] of Object.entries(strings)) call.strings[Number(index)] = text;
  return call;
}

/** A remote descriptor that has been opened by `path`. */
export function remoteDescriptor(number: number, path?: string): RemoteDescriptor {
  return { number, cloexec: false, path, description: { leftover: undefined } };
}
