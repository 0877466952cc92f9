/** The processes whose calls the eBPF programs look at, in the memory that these read. */
import { BUCKET_COUNT, Group, GROUP_WORDS, WAY_COUNT } from './claim-layout.js';

const NONE = 0;
const FLAGS_SHIFT = 16;

export class ClaimGroups {
  private readonly words: Uint32Array;

  constructor(groups: ArrayBuffer) {
    this.words = new Uint32Array(groups);
  }

  /**
   * Has the calls of a process looked at from now on, which does not run meanwhile, or by another slot. `flags` are GroupFlag.
   * False: there is no room beside other processes whose ids have the same last bits.
   */
  set(process: number, slot: number, flags: number): boolean {
    const at = this.find(process, process) ?? this.find(process, NONE);
    if (at === undefined) return false;
    Atomics.store(this.words, at + Group.slot, slot | (flags << FLAGS_SHIFT));
    Atomics.store(this.words, at + Group.process, process);
    return true;
  }

  /** The calls of a process are of no interest any more. */
  delete(process: number): void {
    const at = this.find(process, process);
    if (at !== undefined) Atomics.store(this.words, at + Group.process, NONE);
  }

  /** Where in the bucket of a process one with that id stands. */
  private find(process: number, wanted: number): number | undefined {
    const first = (process % BUCKET_COUNT) * WAY_COUNT * GROUP_WORDS;
    for (let way = 0; way < WAY_COUNT; way++) {
      const at = first + way * GROUP_WORDS;
      if (this.words[at + Group.process] === wanted) return at;
    }
    return undefined;
  }
}
