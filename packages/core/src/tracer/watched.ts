/** The descriptors that a call waits for, as they stand in memory: the pollfds of poll(2), the sets of select(2). */
import { constant } from '../abi/constants.js';
import { layoutOf, structSize } from '../abi/structs.js';

/** Memory of a call by register. */
export type Memory = readonly (readonly [register: number, bytes: Buffer])[];

/** The same descriptors under the numbers that another side knows them by. */
export interface Translated {
  /** What the argument that counts them becomes. */
  readonly count: number;
  readonly memory: Memory;
  /** Takes what that side says of them; `outputs` are as long as `memory`, in its order. */
  readonly take: (outputs: readonly Uint8Array[]) => void;
}

/** Bytes that go to an address in the tracee. */
export type Piece = readonly [addr: bigint, bytes: Buffer];

/** What a call waits for. */
export interface Watched {
  /** The numbers of the descriptors; some may come several times. */
  readonly fds: readonly number[];
  /** How many entries are ready, as far as that was taken. */
  readonly ready: number;
  /** What an interrupted call leaves in memory too (fs/select.c: do_sys_poll writes revents whatever happened). */
  readonly writesAlways: boolean;
  /** Leaves out the descriptors for which `numberOf` has no number. */
  translate: (numberOf: (fd: number) => number | undefined) => Translated;
  /** Takes those that are ready for reading by what the tracer has kept of them. */
  markReadable: (isReadable: (fd: number) => boolean) => void;
  /** The results, where they belong. */
  pieces: () => Piece[];
}

const POLLFD = structSize('pollfd');
const [EVENTS = 0] = layoutOf('pollfd').fields['events'] ?? [];
const [REVENTS = 0] = layoutOf('pollfd').fields['revents'] ?? [];
const READABLE = constant('POLLIN') | constant('POLLRDNORM');

/** An array of struct pollfd at `addr`, which argument `register` points to. */
export class PollArray implements Watched {
  readonly writesAlways = true;
  private readonly revents: Buffer;

  constructor(
    private readonly register: number,
    private readonly addr: bigint,
    private readonly bytes: Buffer,
  ) {
    this.revents = Buffer.alloc((bytes.length / POLLFD) * 2);
  }

  get fds(): number[] {
    return this.entries().flatMap((index) => (this.fd(index) < 0 ? [] : [this.fd(index)]));
  }

  get ready(): number {
    return this.entries().filter((index) => this.revents.readInt16LE(index * 2) !== 0).length;
  }

  translate(numberOf: (fd: number) => number | undefined): Translated {
    const sent = Buffer.from(this.bytes);
    let isAsked = false;
    for (const index of this.entries()) {
      const fd = this.fd(index);
      const number = (fd < 0 ? undefined : numberOf(fd)) ?? -1;
      sent.writeInt32LE(number, index * POLLFD);
      isAsked ||= number >= 0;
    }
    const take = ([output]: readonly Uint8Array[]) => {
      this.takeRevents(Buffer.from(output ?? []));
    };
    return { count: isAsked ? this.entries().length : 0, memory: [[this.register, sent]], take };
  }

  markReadable(isReadable: (fd: number) => boolean): void {
    for (const index of this.entries()) {
      if (this.fd(index) >= 0 && isReadable(this.fd(index))) this.add(index, this.events(index) & READABLE);
    }
  }

  pieces(): Piece[] {
    return this.entries().map((index) => [
      this.addr + BigInt(index * POLLFD + REVENTS),
      this.revents.subarray(index * 2, index * 2 + 2),
    ]);
  }

  /** An entry that was left out has none. */
  private takeRevents(output: Buffer): void {
    for (const index of this.entries()) {
      const isAsked = output.readInt32LE(index * POLLFD) >= 0;
      if (isAsked) this.add(index, output.readInt16LE(index * POLLFD + REVENTS));
    }
  }

  private add(index: number, events: number): void {
    this.revents.writeInt16LE(this.revents.readInt16LE(index * 2) | events, index * 2);
  }

  private events(index: number): number {
    return this.bytes.readInt16LE(index * POLLFD + EVENTS);
  }

  private fd(index: number): number {
    return this.bytes.readInt32LE(index * POLLFD);
  }

  private entries(): number[] {
    return Array.from({ length: this.bytes.length / POLLFD }, (_, index) => index);
  }
}

/** One bitmap of select(2): the argument that points to it, where that is, and its bits. */
export interface DescriptorSet {
  readonly register: number;
  readonly addr: bigint;
  readonly bytes: Buffer;
  /** Whether it is the one of those that something can be read from. */
  readonly reads: boolean;
}

/** The bytes of a bitmap for descriptors under `count`: whole words (fs/select.c: FDS_BYTES). */
export function bytesOfSet(count: number): number {
  return Math.ceil(count / 64) * 8;
}

/** The bitmaps of select(2) for descriptors under `count`. */
export class DescriptorSets implements Watched {
  readonly writesAlways = false;
  readonly fds: readonly number[];
  private readonly results: readonly Buffer[];

  constructor(
    private readonly sets: readonly DescriptorSet[],
    count: number,
  ) {
    const all = Array.from({ length: count }, (_, fd) => fd);
    this.fds = all.filter((fd) => sets.some(({ bytes }) => hasBit(bytes, fd)));
    this.results = sets.map(({ bytes }) => Buffer.alloc(bytes.length));
  }

  get ready(): number {
    return this.results.reduce((sum, bits) => sum + this.fds.filter((fd) => hasBit(bits, fd)).length, 0);
  }

  translate(numberOf: (fd: number) => number | undefined): Translated {
    const pairs = this.fds.flatMap((fd) => {
      const number = numberOf(fd);
      return number === undefined ? [] : [[fd, number] as const];
    });
    const count = Math.max(0, ...pairs.map(([, number]) => number + 1));
    const memory = this.sets.map(({ register, bytes }) => {
      const sent = Buffer.alloc(bytesOfSet(count));
      for (const [fd, number] of pairs) if (hasBit(bytes, fd)) setBit(sent, number);
      return [register, sent] as const;
    });
    const take = (outputs: readonly Uint8Array[]) => {
      this.sets.forEach(({ bytes }, index) => {
        for (const [fd, number] of pairs)
          if (hasBit(bytes, fd) && hasBit(outputs[index] ?? [], number)) this.mark(index, fd);
      });
    };
    return { count, memory, take };
  }

  markReadable(isReadable: (fd: number) => boolean): void {
    this.sets.forEach(({ reads, bytes }, index) => {
      for (const fd of reads ? this.fds : []) if (hasBit(bytes, fd) && isReadable(fd)) this.mark(index, fd);
    });
  }

  pieces(): Piece[] {
    return this.sets.map(({ addr }, index) => [addr, this.results[index] ?? Buffer.alloc(0)]);
  }

  private mark(index: number, fd: number): void {
    const bits = this.results[index];
    if (bits) setBit(bits, fd);
  }
}

function hasBit(bits: ArrayLike<number>, index: number): boolean {
  return (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
}

function setBit(bits: Uint8Array, index: number): void {
  bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
}
