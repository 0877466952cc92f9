/** What a new task has of the thread that made it (clone(2)). */
import { constant } from '../abi/constants.js';
import { Share } from '../protocol/frames.js';
import { describe } from './call.js';
import { TraceeProcess, TraceeThread } from './process.js';
import type { Registers } from './registers.js';
import type { Stepper } from './steps.js';

/** The CLONE_* flags of the call in whose midst `thread` is stopped; 0 for fork(2) and vfork(2). */
export function cloneFlags(stepper: Stepper, thread: TraceeThread, stopped: Registers): number {
  const found = describe(stepper.arch, stopped);
  const spawns = found?.row.facts.find((fact) => fact.kind === 'spawns');
  if (found === undefined || spawns?.kind !== 'spawns' || spawns.flags === undefined) return 0;
  const register = found.row.names.indexOf(spawns.flags);
  if (found.row.args[spawns.flags]?.kind === 'number') return stopped.int(register);
  // clone3: they are the first word of a struct.
  const word = Buffer.alloc(8);
  stepper.read(thread, stopped.argument(register), word);
  return word.readUInt32LE();
}

/** The numbers of a new task: its id, its stream and, if it is a process, its twin. */
export interface Numbers {
  readonly tid: number;
  readonly stream: number;
  readonly twin: number;
}

/** The task that `parent` has made. It is a thread of the same process, or the first thread of another. */
export function childOf(parent: TraceeThread, flags: number, { tid, stream, twin }: Numbers): TraceeThread {
  const { process } = parent;
  const words = parent.registers.words.length;
  if (flags & constant('CLONE_THREAD')) return new TraceeThread(tid, stream, process, words);
  const sharesMemory = (flags & constant('CLONE_VM')) !== 0;
  const child = new TraceeProcess(
    tid,
    twin,
    flags & constant('CLONE_FILES') ? process.descriptors : process.descriptors.copy(),
    flags & constant('CLONE_FS') ? process.directory : { ...process.directory },
  );
  child.image = process.image;
  child.remoteImage = process.remoteImage;
  child.script = process.script;
  child.maps = sharesMemory ? process.maps.lend() : process.maps.copy(twin);
  child.watchesMaps = process.watchesMaps;
  child.freeScratch = sharesMemory ? process.freeScratch : [...process.freeScratch];
  const thread = new TraceeThread(tid, stream, child, words);
  // A copy of the memory has a copy of the parent's pages at the same place.
  if (!sharesMemory) thread.scratch = parent.scratch;
  return thread;
}

/** What the twin of a new process shares with its parent's: `share` in protocol.cddl. */
export function shareOf(flags: number): number {
  return (
    (flags & constant('CLONE_FILES') ? Share.descriptors : 0) |
    (flags & constant('CLONE_FS') ? Share.directory : 0)
  );
}
