import type { Hold, SharedImage } from './shared-image.js';

/** A piece of a tracee's memory that maps an image. Addresses and lengths are whole pages. */
export interface SharedMap {
  readonly addr: bigint;
  readonly length: bigint;
  readonly image: SharedImage;
  /** Where in the file it begins. */
  readonly offset: bigint;
}

const PAGE = 4096n;

/** The shared maps of remote files in one memory, which one process has, or several after vfork(2). */
export class SharedMaps {
  private readonly holds = new Map<SharedImage, Hold>();
  private all: SharedMap[] = [];
  /** How many processes live in this memory. */
  private processes = 1;

  get isEmpty(): boolean {
    return this.holds.size === 0;
  }

  /** Whether a process with descriptors of its own lives here as well. */
  get isLent(): boolean {
    return this.processes > 1;
  }

  /** What fork(2) gives the child: the same images, by descriptors of the same numbers in its own twin. */
  copy(twin: number): SharedMaps {
    const copy = new SharedMaps();
    copy.all = [...this.all];
    for (const [image, hold] of this.holds) copy.hold(image, { ...hold, twin });
    return copy;
  }

  /** What vfork(2) gives the child: the parent's memory. */
  lend(): SharedMaps {
    this.processes++;
    return this;
  }

  /** A process leaves this memory. Returns what it had here. */
  leave(): ReadonlyMap<SharedImage, Hold> {
    this.processes--;
    return this.holds;
  }

  holdOf(image: SharedImage): Hold | undefined {
    return this.holds.get(image);
  }

  /** Returns the hold that there was before. */
  hold(image: SharedImage, hold: Hold): Hold | undefined {
    const former = this.letGo(image);
    this.holds.set(image, hold);
    image.holds.add(hold);
    return former;
  }

  /** Lets go of an image that nothing here maps any more. */
  letGo(image: SharedImage): Hold | undefined {
    const hold = this.holds.get(image);
    this.holds.delete(image);
    if (hold) image.holds.delete(hold);
    return hold;
  }

  add({ addr, length, image, offset }: SharedMap): void {
    this.remove(addr, length);
    this.all.push({ addr, length: wholePages(length), image, offset });
  }

  /** Whether anything here maps the image. */
  maps(image: SharedImage): boolean {
    return this.all.some((map) => map.image === image);
  }

  /** The parts of maps that lie in a range of memory. */
  within(addr: bigint, length: bigint): SharedMap[] {
    const end = addr + wholePages(length);
    return this.all.flatMap((map) => {
      const from = map.addr > addr ? map.addr : addr;
      const to = map.addr + map.length < end ? map.addr + map.length : end;
      return from < to
        ? [{ ...map, addr: from, length: to - from, offset: map.offset + from - map.addr }]
        : [];
    });
  }

  /** A range of memory is mapped no more. Returns the images that nothing maps now. */
  remove(addr: bigint, length: bigint): SharedImage[] {
    const end = addr + wholePages(length);
    const gone = new Set(this.within(addr, length).map(({ image }) => image));
    this.all = this.all.flatMap((map) => {
      const mapEnd = map.addr + map.length;
      if (mapEnd <= addr || map.addr >= end) return [map];
      const before = map.addr < addr ? [{ ...map, length: addr - map.addr }] : [];
      const after =
        mapEnd > end
          ? [{ ...map, addr: end, length: mapEnd - end, offset: map.offset + end - map.addr }]
          : [];
      return [...before, ...after];
    });
    return [...gone].filter((image) => !this.all.some((map) => map.image === image));
  }
}

function wholePages(length: bigint): bigint {
  return ((length + PAGE - 1n) / PAGE) * PAGE;
}
