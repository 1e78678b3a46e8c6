/**
 * Work that is done once, and a few at a time.
 * @module
 */

/** Results by their key; several who ask at once wait for the same one. */
export class Kept<T> {
  readonly #known = new Map<string, Promise<T>>();

  /** The result of `make`, which is asked once a key; one that failed is tried again. */
  get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#known.get(key);
    if (known) return known;
    const made = make();
    this.#known.set(key, made);
    made.catch(() => this.#known.delete(key));
    return made;
  }
}

/** Lets at most so many work at once; others wait for their turn. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(together: number) {
    this.#free = together;
  }

  /** Does the work when it is its turn. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
