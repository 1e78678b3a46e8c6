/**
 * Work beside other work that may take a share of all time and no more.
 * @module
 */

/** Milliseconds since some begin. */
export type Clock = () => number;

/** Says when such work is due, by the longest that it took before. */
export class TimeShare {
  readonly #share: number;
  readonly #clock: Clock;
  readonly #began: number;
  #spent = 0;
  #longest: number | undefined;

  /** `share` of what all else takes from now on, 0 to 1. */
  constructor(share: number, clock: Clock = () => performance.now()) {
    this.#share = share;
    this.#clock = clock;
    this.#began = clock();
  }

  /**
   * Does the work if it keeps within the share, taking it to last as long as it ever did; before the
   * first time as long as `guessMs`. Resolves to whether it was done; what `work` throws passes through.
   */
  async spend(guessMs: number, work: () => Promise<void>): Promise<boolean> {
    const begin = this.#clock();
    const expected = this.#longest ?? guessMs;
    const others = begin - this.#began - this.#spent;
    if (this.#spent + expected > others * this.#share) return false;
    try {
      await work();
    } finally {
      const took = this.#clock() - begin;
      this.#longest = Math.max(took, this.#longest ?? 0);
      this.#spent += took;
    }
    return true;
  }
}
