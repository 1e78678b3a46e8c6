/**
 * A seeded random source whose numbers never change between machines or releases.
 * @module
 */

const HASH_PRIME = 0x01000193;

/** FNV-1a over UTF-16 code units: turns a label into 32 bits. */
function hash(label: string, start: number): number {
  let value = start >>> 0;
  for (let i = 0; i < label.length; i++) {
    value = Math.imul(value ^ label.charCodeAt(i), HASH_PRIME) >>> 0;
  }
  return value;
}

/**
 * xoshiro128** (Blackman and Vigna 2018), its state filled by splitmix32. `fork` gives independent
 * streams, so that drawing one more number in one place leaves all other places as they were.
 *
 * @example
 * ```ts
 * import { Random } from "./random.ts";
 * const random = new Random(7);
 * const colour = random.fork("shirt").range(0, 1); // the same for every use of seed 7
 * ```
 */
export class Random {
  readonly #seed: number;
  readonly #state = new Uint32Array(4);
  #spare: number | undefined;

  /** A stream from any integer seed; only its low 32 bits count. */
  constructor(seed: number) {
    this.#seed = seed >>> 0;
    let mixed = this.#seed;
    for (let i = 0; i < 4; i++) {
      mixed = (mixed + 0x9e3779b9) >>> 0;
      let z = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.#state[i] = z ^ (z >>> 15);
    }
  }

  /** The next 32 random bits as an unsigned integer. */
  bits(): number {
    const s = this.#state;
    const scrambled = Math.imul(s[1], 5);
    const out = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return out;
  }

  /** Uniform in [0, 1), with 32 bits. */
  float(): number {
    return this.bits() / 0x1_0000_0000;
  }

  /** Uniform in [low, high). */
  range(low: number, high: number): number {
    return low + (high - low) * this.float();
  }

  /** Uniform integer in 0 … n − 1. */
  int(n: number): number {
    return Math.floor(this.float() * n);
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.float()));
    const angle = 2 * Math.PI * this.float();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** One item of the list, each as likely. */
  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)];
  }

  /** An independent stream named by `label`: it depends on the seed and the label alone. */
  fork(label: string | number): Random {
    return new Random(hash(String(label), (this.#seed ^ 0x811c9dc5) >>> 0));
  }
}
