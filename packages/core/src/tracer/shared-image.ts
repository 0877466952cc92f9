import { closeSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { MAX_PAYLOAD } from '../protocol/limits.js';

/** The pieces in which an image is filled and looked through, in bytes. */
export const CHUNK_BYTES = MAX_PAYLOAD;
const PAGE_BYTES = 4096;

/** Bytes of an image that the server's file does not have yet. */
export interface Patch {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** A descriptor of the file in the twin of a process that maps it, which the tracee does not know of. */
export interface Hold {
  readonly twin: number;
  readonly descriptor: number;
  readonly writable: boolean;
}

/**
 * The memory that stands for a remote file in the shared maps of all tracees: a memfd as long as the file, whose offsets are
 * the file's. It is filled where it is mapped. What was filled is kept, so that stores are found by comparing.
 */
export class SharedImage {
  /** Where the server has the file open for those that map it. */
  readonly holds = new Set<Hold>();
  /** How many calls are about to map it. */
  pins = 0;
  /** Of the file, in bytes, as far as the tracer knows. */
  size = 0;
  /** What the server's file has, by the offset of the chunk. */
  private readonly known = new Map<number, Buffer>();
  private readonly wanted: Range[] = [];
  private readonly current = Buffer.allocUnsafeSlow(CHUNK_BYTES);

  constructor(
    /** The file on the server: device and inode. */
    readonly file: string,
    /** The tracer's own descriptor of the memfd. */
    readonly memory: number,
  ) {}

  /** By which the file can be reached: for writing, where there is such a one. */
  get hold(): Hold | undefined {
    const holds = [...this.holds];
    return holds.find(({ writable }) => writable) ?? holds[0];
  }

  /** The file has become longer or shorter: memory behind its end is gone, and touching it is SIGBUS, as of the file. */
  resize(size: number): void {
    if (size === this.size) return;
    ftruncateSync(this.memory, size);
    for (const [offset, known] of this.known) {
      if (offset >= size) this.known.delete(offset);
      else if (offset + CHUNK_BYTES > size && known !== zeroes) known.fill(0, size - offset);
    }
    this.size = size;
  }

  /** The part of the file between `from` and `to` is mapped. Returns the offsets of its chunks that are not filled. */
  want(from: number, to: number): number[] {
    this.wanted.push([from, to]);
    return this.chunksIn(from, to).filter((offset) => !this.known.has(offset));
  }

  /** The offsets of all chunks that are mapped somewhere. */
  chunks(): ReadonlySet<number> {
    return new Set(this.wanted.flatMap(([from, to]) => this.chunksIn(from, to)));
  }

  private chunksIn(from: number, to: number): number[] {
    const offsets: number[] = [];
    const end = Math.min(to, this.size);
    for (let offset = from - (from % CHUNK_BYTES); offset < end; offset += CHUNK_BYTES) offsets.push(offset);
    return offsets;
  }

  /** Takes in what the server's file has in a chunk. Stores that the server does not have yet stay. */
  take(offset: number, bytes: Uint8Array): void {
    const length = Math.max(Math.min(bytes.length, this.size - offset), 0);
    const known = this.known.get(offset) ?? zeroes;
    this.known.set(offset, known);
    if (known.compare(bytes, 0, length, 0, length) === 0) return;
    const current = this.read(offset, length);
    for (const [from, to] of differences(known, bytes, length)) {
      for (const [start, end] of untouched(known, current, bytes, from, to))
        writeSync(this.memory, bytes, start, end - start, offset + start);
    }
    this.ownChunk(offset).set(bytes.subarray(0, length));
  }

  /** What has been stored since the server was told last. Nothing behind the end of the file is among it. */
  *changes(): Iterable<Patch> {
    for (const [offset, known] of this.known) {
      const length = Math.min(CHUNK_BYTES, this.size - offset);
      const current = this.read(offset, length);
      const changed = differences(known, current, length);
      if (changed.length === 0) continue;
      const copy = Buffer.from(current);
      for (const [from, to] of changed) yield { offset: offset + from, bytes: copy.subarray(from, to) };
    }
  }

  /** The server has the patch now. */
  settle({ offset, bytes }: Patch): void {
    const start = offset - (offset % CHUNK_BYTES);
    if (this.known.has(start)) this.ownChunk(start).set(bytes, offset - start);
  }

  close(): void {
    closeSync(this.memory);
  }

  /** The chunk as memory of its own: chunks of holes are one and the same until something is in them. */
  private ownChunk(offset: number): Buffer {
    let known = this.known.get(offset);
    if (known === undefined || known === zeroes) this.known.set(offset, (known = Buffer.alloc(CHUNK_BYTES)));
    return known;
  }

  private read(offset: number, length: number): Buffer {
    const bytes = this.current.subarray(0, Math.max(length, 0));
    const got = readSync(this.memory, bytes, 0, bytes.length, offset);
    return bytes.fill(0, got);
  }
}

const zeroes = Buffer.alloc(CHUNK_BYTES);

type Range = readonly [from: number, to: number];

/** Where two buffers differ: of each page from the first byte that does to the last; neighbours are joined. */
function differences(one: Buffer, two: Uint8Array, length: number): Range[] {
  const ranges: Range[] = [];
  for (let page = 0; page < length; page += PAGE_BYTES) {
    const end = Math.min(page + PAGE_BYTES, length);
    if (one.compare(two, page, end, page, end) === 0) continue;
    let from = page;
    let to = end;
    while (one[from] === two[from]) from++;
    while (one[to - 1] === two[to - 1]) to--;
    const last = ranges.at(-1);
    if (last?.[1] === from) ranges[ranges.length - 1] = [last[0], to];
    else ranges.push([from, to]);
  }
  return ranges;
}

/** The runs in which `bytes` are new and the memory is still what was known: a store is not undone. */
function* untouched(
  known: Uint8Array,
  current: Uint8Array,
  bytes: Uint8Array,
  from: number,
  to: number,
): Iterable<Range> {
  let start = -1;
  for (let index = from; index <= to; index++) {
    const isNew = index < to && bytes[index] !== known[index] && current[index] === known[index];
    if (isNew && start < 0) start = index;
    else if (!isNew && start >= 0) {
      yield [start, index];
      start = -1;
    }
  }
}
