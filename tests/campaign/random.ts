/**
 * Numbers by chance that a seed gives again.
 * @module
 */

/** A stream of numbers by chance (mulberry32). */
export class Random {
  #state: number;

  /** Equal seeds give equal streams. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to below `n`. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** True with this probability. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** One of them. */
  pick<T>(all: readonly T[]): T {
    return all[this.below(all.length)];
  }

  /** A place in `length` bytes; half of them within the first 5 %, where headers are. */
  place(length: number): number {
    return Math.floor(this.next() * length * (this.chance(0.5) ? 0.05 : 1));
  }
}

/** A seed for one part of something, from the whole's. */
export function seedOf(seed: number, ...parts: readonly (string | number)[]): number {
  let hash = seed >>> 0 ^ 0x811c9dc5;
  for (const char of parts.join("\0")) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  }
  return hash;
}
