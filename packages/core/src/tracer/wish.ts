/** What the operator asks of a tracer that is at work. It waits in calls of the kernel, and hears no messages. */
export const Wish = {
  none: 0,
  /** To let its tracees go, if they lose nothing by it. */
  detach: 1,
  /** To let them go, whatever they lose. */
  detachByForce: 2,
} as const;

/** Memory that a wish is left in: interrupt the tracer after leaving one. */
export function wishes(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

export function leaveWish(place: Int32Array, wish: number): void {
  Atomics.store(place, 0, wish);
}

export function takeWish(place: Int32Array): number {
  return Atomics.exchange(place, 0, Wish.none);
}
