/**
 * Adam (Kingma and Ba 2015) over a few arrays of numbers.
 * @module
 */

/** Moments, and what keeps a step from being divided by nothing. */
const [FIRST, SECOND, TINY] = [0.9, 0.99, 1e-9];

/** Changes arrays in place, each by its own rate. */
export class Adam {
  readonly #values: readonly Float32Array[];
  readonly #moments: readonly (readonly [Float32Array, Float32Array])[];
  #steps = 0;

  constructor(values: readonly Float32Array[]) {
    this.#values = values;
    this.#moments = values.map((
      { length },
    ) => [new Float32Array(length), new Float32Array(length)]);
  }

  /** One step against the gradients. */
  step(gradients: readonly Float32Array[], rates: readonly number[]): void {
    this.#steps++;
    const unbias = 1 / (1 - SECOND ** this.#steps);
    this.#values.forEach((value, group) => {
      const [m, v] = this.#moments[group];
      const gradient = gradients[group];
      const rate = rates[group] / (1 - FIRST ** this.#steps);
      for (let i = 0; i < value.length; i++) {
        const g = gradient[i];
        m[i] = FIRST * m[i] + (1 - FIRST) * g;
        v[i] = SECOND * v[i] + (1 - SECOND) * g * g;
        value[i] -= rate * m[i] / (Math.sqrt(v[i] * unbias) + TINY);
      }
    });
  }
}
