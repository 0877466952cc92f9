/** What the choices of a run follow from: again with RSC_SEED=1234. */
export const seed = Number(process.env['RSC_SEED'] ?? 1);

/** Choices without end that follow from a seed: the generator mulberry32 of Tommy Ettinger. */
export class Chance {
  constructor(private state: number) {}

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * limit);
  }

  of<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new TypeError('there is nothing to choose from');
    return chosen;
  }

  happens(percent: number): boolean {
    return this.below(100) < percent;
  }
}
