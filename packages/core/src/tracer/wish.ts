/** What the operator asks of a tracer that is at work. It waits in calls of the kernel, and hears no messages. */
export const Wish = {
  none: 0,
  /** To let its tracees go, if they lose nothing by it. */
  detach: 1,
  /** To let them go, whatever they lose. */
  detachByForce: 2,
} as const;

/** Where in the memory wishes are left, and where the number of policies that wait for the tracer stands. */
const WISH = 0;
const POLICIES = 1;

/** Memory that wishes are left in: interrupt the tracer after leaving one. */
export function wishes(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
}

export function leaveWish(place: Int32Array, wish: number): void {
  Atomics.store(place, WISH, wish);
}

export function takeWish(place: Int32Array): number {
  return Atomics.exchange(place, WISH, Wish.none);
}

/** Says that a policy has been sent to the tracer. */
export function announcePolicy(place: Int32Array): void {
  Atomics.add(place, POLICIES, 1);
}

/** How many have been announced since the last time. */
export function takePolicies(place: Int32Array): number {
  return place[POLICIES] === 0 ? 0 : Atomics.exchange(place, POLICIES, 0);
}
