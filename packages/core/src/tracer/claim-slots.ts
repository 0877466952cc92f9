/** Which descriptors of the traced processes are remote, in the memory that the eBPF programs read. */
import { DESCRIPTOR_COUNT, Slot, SLOT_COUNT, SLOT_WORDS } from './claim-layout.js';
import type { DescriptorTable, Marks } from './descriptors.js';
import type { TraceeProcess } from './process.js';

/** Stands for a slot where there is none left: all descriptors are taken for remote. */
const NO_SLOT = SLOT_COUNT;
const ALL_BITS = 0xffff_ffff;
const HALVES = SLOT_WORDS * 2;

/** Each table of descriptors has a slot, whichever processes share it. */
export class ClaimSlots {
  private readonly words: Uint32Array;
  private readonly slotOf = new Map<DescriptorTable, number>();
  /** The tables of the processes that are traced. */
  private readonly tables = new Map<TraceeProcess, DescriptorTable>();
  /** Those of processes that map remote files, shared: what changes their maps has to be claimed. */
  private readonly mapping = new Set<DescriptorTable>();
  private readonly freed: number[] = [];
  private next = 0;

  constructor(
    slots: ArrayBuffer,
    /** Otherwise what only may be remote, or is local in part, counts as local. */
    private readonly claimsCalls: boolean,
  ) {
    this.words = new Uint32Array(slots);
  }

  /** A process is traced from now on, or has another table than before: `use` has it looked at by that slot. */
  join(process: TraceeProcess, use: (slot: number) => void): void {
    const former = this.tables.get(process);
    const { descriptors } = process;
    this.tables.set(process, descriptors);
    use(this.slotOf.get(descriptors) ?? this.give(descriptors));
    if (former !== undefined && former !== descriptors) this.leaveTable(former);
    this.recount();
  }

  /** A process is no more, or is let go. */
  leave(process: TraceeProcess): void {
    const table = this.tables.get(process);
    this.tables.delete(process);
    if (table) this.leaveTable(table);
  }

  /** What calls wait for on the server may have changed without a change of a table. */
  recount(): void {
    for (const [process, table] of this.tables) {
      if (process.watchesMaps) this.mapping.add(table);
      table.tellAwaited();
    }
  }

  private give(table: DescriptorTable): number {
    const slot = this.freed.pop() ?? (this.next < SLOT_COUNT ? this.next++ : NO_SLOT);
    this.slotOf.set(table, slot);
    if (slot === NO_SLOT) return slot;
    const first = slot * HALVES;
    this.words.fill(0, first, first + HALVES);
    table.markIn(
      marksAt(this.words, first, this.claimsCalls, (awaited) => awaited + (this.mapping.has(table) ? 1 : 0)),
    );
    return slot;
  }

  private leaveTable(table: DescriptorTable): void {
    for (const other of this.tables.values()) if (other === table) return;
    table.markIn(undefined);
    const slot = this.slotOf.get(table);
    this.mapping.delete(table);
    this.slotOf.delete(table);
    if (slot !== undefined && slot !== NO_SLOT) this.freed.push(slot);
  }
}

/** Writes to the slot that begins at the half word `first`. `count` gives how many it has, of those that are awaited. */
function marksAt(
  slots: Uint32Array,
  first: number,
  /** Otherwise what only may be remote, or is local in part, counts as local. */
  claimsCalls: boolean,
  count: (awaited: number) => number,
): Marks {
  const bits = slots.subarray(first + Slot.bits * 2, first + HALVES);
  const write = (halves: Uint32Array, fd: number, isRemote: boolean) => {
    if (fd >= DESCRIPTOR_COUNT) return;
    const bit = 1 << (fd & 31);
    // The programs take bits away meanwhile.
    if (isRemote) Atomics.or(halves, fd >>> 5, bit);
    else Atomics.and(halves, fd >>> 5, ~bit);
  };
  return {
    mark(fd, isRemote) {
      write(bits, fd, isRemote || claimsCalls);
    },
    unmark(fd) {
      write(bits, fd, false);
    },
    fill() {
      if (claimsCalls) bits.fill(ALL_BITS);
    },
    settle(remotes) {
      const settled = new Uint32Array(bits.length);
      for (const [fd, isRemote] of remotes) write(settled, fd, isRemote || claimsCalls);
      bits.set(settled);
    },
    tell(awaited) {
      slots[first + Slot.remotes * 2] = count(awaited);
    },
  };
}
