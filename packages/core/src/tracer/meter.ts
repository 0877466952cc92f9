/** What a session has done so far, in memory that its tracer fills while another thread reads. */

/** What has become of a caught call; also where its count is. */
export const Fate = { local: 0, remote: 1, denied: 2 } as const;

/** What has been counted and measured. Times are in microseconds; undefined: nothing has been measured. */
export interface Reading {
  /** Caught calls that this machine's kernel ran. */
  readonly local: number;
  /** Calls for which the server was asked. */
  readonly remote: number;
  /** Calls that the policy has denied. */
  readonly denied: number;
  /** From the moment that a call is ready to be sent until its answer is here. */
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

const FATES = Object.keys(Fate).length;
const COUNT_BYTES = FATES * Float64Array.BYTES_PER_ELEMENT;
/** Each doubling of the time has 2^3 buckets: a time is known to within an eighth. */
const PART_BITS = 3;
const PARTS = 1 << PART_BITS;
const BUCKETS = 32 * PARTS;
const MAX_NS = 0xffff_ffff;
/** Reading the clock costs as much as all else here: after so many round trips only every so many is measured. */
const MEASURED_AT_FIRST = 64;
const MEASURED_EVERY = 16;

/** Memory for a Meter. */
export function meterMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(COUNT_BYTES + BUCKETS * Uint32Array.BYTES_PER_ELEMENT);
}

/** The tracer's side: one thread counts, and nobody else writes. */
export class Meter {
  private readonly counts: Float64Array;
  private readonly buckets: Uint32Array;
  private trips = 0;

  constructor(memory: SharedArrayBuffer) {
    this.counts = new Float64Array(memory, 0, FATES);
    this.buckets = new Uint32Array(memory, COUNT_BYTES, BUCKETS);
  }

  /** A caught call has ended; `fate`: one of Fate. */
  count(fate: number): void {
    this.counts[fate] = (this.counts[fate] ?? 0) + 1;
  }

  /** A round trip begins: the time, for `arrive`; 0: this one is not measured. */
  depart(): number {
    const trip = this.trips++;
    return trip < MEASURED_AT_FIRST || trip % MEASURED_EVERY === 0 ? performance.now() : 0;
  }

  /** A measured round trip is over. */
  arrive(departed: number): void {
    const bucket = bucketOf((performance.now() - departed) * 1e6);
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
  }
}

/** Reads what a Meter has counted in `memory`, while it may be counting. */
export function readMeter(memory: SharedArrayBuffer): Reading {
  const [local = 0, remote = 0, denied = 0] = new Float64Array(memory, 0, FATES);
  const buckets = new Uint32Array(memory, COUNT_BYTES, BUCKETS).slice();
  return { local, remote, denied, p50: quantile(buckets, 0.5), p99: quantile(buckets, 0.99) };
}

/** The bucket for a time: its highest bits, and how many bits it has. Times beyond four seconds are in the last one. */
export function bucketOf(ns: number): number {
  const time = Math.max(PARTS, Math.min(ns, MAX_NS)) >>> 0;
  const doublings = 31 - Math.clz32(time) - PART_BITS;
  return doublings * PARTS + (time >>> doublings);
}

/** The middle of a bucket, in ns. */
export function middleOf(bucket: number): number {
  const doublings = Math.max(0, Math.floor(bucket / PARTS) - 1);
  const begin = (bucket - doublings * PARTS) * 2 ** doublings;
  return begin + 2 ** doublings / 2;
}

function quantile(buckets: Uint32Array, part: number): number | undefined {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let left = Math.ceil(total * part);
  const bucket = buckets.findIndex((count) => (left -= count) <= 0);
  return middleOf(bucket) / 1000;
}
