// N samples, D features

/**
 * The Fréchet distance of two sets of features, taken as normal distributions (Dowson and Landau 1982;
 * Heusel et al. 2017).
 * @module
 */
import { InputError } from "../errors.ts";
import {
  clamp,
  diagEmbed,
  fromBytes,
  linalgEigh,
  matmul,
  noGrad,
  scope,
  sqrt,
  sum,
  type Tensor,
  toNumbers,
  transpose,
} from "../tensor/mod.ts";

/** Below so many samples a distance says little; papers take this many or more. */
export const FRECHET_SAMPLES = 2048;

/** Mean and covariance of features as they come; memory grows with D², not with N. */
export class FeatureStatistics {
  /** Features of one picture or clip. */
  readonly dimensions: number;
  #count = 0;
  /** The first sample: sums are taken from there, so that little is lost where means are large. */
  #origin: Float64Array | undefined;
  readonly #sums: Float64Array;
  readonly #products: Float64Array;

  /** Of nothing yet. */
  constructor(dimensions: number) {
    this.dimensions = dimensions;
    this.#sums = new Float64Array(dimensions);
    this.#products = new Float64Array(dimensions * dimensions);
  }

  /** N. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds samples [N·D].
   *
   * @throws InputError for a value that is no number
   */
  add(features: ArrayLike<number>): void {
    const D = this.dimensions;
    for (let n = 0; n * D < features.length; n++) {
      const sample = Float64Array.from({ length: D }, (_, i) => features[n * D + i]);
      if (!sample.every(Number.isFinite)) throw new InputError("a feature is no number");
      const origin = (this.#origin ??= sample.slice());
      for (let i = 0; i < D; i++) sample[i] -= origin[i];
      this.#addShifted(sample);
      this.#count++;
    }
  }

  #addShifted(sample: Float64Array): void {
    const D = this.dimensions;
    for (let i = 0; i < D; i++) {
      this.#sums[i] += sample[i];
      for (let j = i; j < D; j++) this.#products[i * D + j] += sample[i] * sample[j];
    }
  }

  /** [D]. */
  mean(): Float64Array {
    return this.#sums.map((sum, i) => sum / this.#count + this.#origin![i]);
  }

  /** [D·D], divided by N − 1. */
  covariance(): Float64Array {
    const D = this.dimensions;
    const covariance = new Float64Array(D * D);
    for (let i = 0; i < D; i++) {
      for (let j = i; j < D; j++) {
        const product = this.#products[i * D + j] - this.#sums[i] * this.#sums[j] / this.#count;
        covariance[i * D + j] = covariance[j * D + i] = product / (this.#count - 1);
      }
    }
    return covariance;
  }
}

/**
 * |μ₁ − μ₂|² + tr(C₁ + C₂ − 2 (C₁C₂)^½). The root's trace is the sum of the roots of the eigenvalues of
 * C₁^½ C₂ C₁^½, which is symmetric, so that no complex numbers come up as with a general matrix root.
 *
 * @throws InputError for fewer than two samples, or features of unequal length
 */
export function frechetDistance(a: FeatureStatistics, b: FeatureStatistics): number {
  if (a.dimensions !== b.dimensions) {
    throw new InputError(`features of ${a.dimensions} and of ${b.dimensions} numbers`);
  }
  for (const { count } of [a, b]) {
    if (count < 2) {
      throw new InputError(`a Fréchet distance takes at least 2 samples a set, found ${count}`);
    }
  }
  const [meanA, meanB] = [a.mean(), b.mean()];
  const way = meanA.reduce((total, value, i) => total + (value - meanB[i]) ** 2, 0);
  const [first, second] = [a.covariance(), b.covariance()];
  const D = a.dimensions;
  let traces = 0;
  for (let i = 0; i < D; i++) traces += first[i * D + i] + second[i * D + i];
  return Math.max(0, way + traces - 2 * rootTrace(first, second, D));
}

function rootTrace(first: Float64Array, second: Float64Array, D: number): number {
  return noGrad(() =>
    scope(() => {
      const matrix = (values: Float64Array): Tensor =>
        fromBytes(new Uint8Array(values.buffer), { shape: [D, D], dtype: "float64" });
      const [values, vectors] = linalgEigh(matrix(first));
      const roots = diagEmbed(sqrt(clamp(values, { min: 0 })));
      const root = matmul(matmul(vectors, roots), transpose(vectors, 0, 1));
      const [product] = linalgEigh(matmul(matmul(root, matrix(second)), root));
      return toNumbers(sum(sqrt(clamp(product, { min: 0 }))))[0];
    })
  );
}
