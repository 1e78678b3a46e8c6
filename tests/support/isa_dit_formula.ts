/**
 * The small ISA-DiT of tests/fixtures/isa_dit, its weights and its inputs by formula.
 * @module
 */
import {
  type IsaDitConditions,
  type IsaDitConfig,
  parseIsaDitConfig,
} from "../../lib/models/isa_dit/mod.ts";
import type { Vars } from "../../lib/nn/mod.ts";
import { copy_, type DType, noGrad, type Tensor, tensor } from "../../lib/tensor/mod.ts";

// Sizes and formulas of tests/fixtures/isa_dit/make_isa_dit.py.
export const [B, C, T, h, w, P, K] = [2, 4, 3, 4, 6, 5, 6];
/** A small ISA-DiT. */
export const config: IsaDitConfig = parseIsaDitConfig({
  latentChannels: C,
  temporalFactor: 2,
  width: 24,
  pointWidth: 12,
  layers: 2,
  heads: 2,
  pointHeads: 2,
  blockMultiplier: 2,
  pointMultiplier: 2,
  pointsPerPerson: P,
  pointFrequencies: 2,
  ispeScale: 1.5,
  positionTableSize: 8,
  imageEncoder: {
    imageSize: 8,
    patchSize: 4,
    hiddenSize: 8,
    intermediateSize: 12,
    layers: 1,
    heads: 2,
  },
});

/** Sets all parameters by the formula, `amount` the scale of their values. */
export function fillByName(vars: Vars, amount: number = 0.5): void {
  noGrad(() => {
    for (const [name, parameter] of vars.parameters()) {
      const n = name.length + [...name].reduce((sum, c) => sum + c.charCodeAt(0), 0);
      const scale = amount / Math.sqrt(parameter.shape.at(-1)!);
      const data = Float32Array.from(
        { length: parameter.numel },
        (_, i) => scale * Math.sin(1.7 * i + n),
      );
      using value = tensor(data, { shape: parameter.shape });
      copy_(parameter, value);
    }
  });
}

/** Values by a formula of `seed`. */
export function waves(seed: number, ...shape: number[]): Tensor {
  const length = shape.reduce((a, b) => a * b);
  const data = Float32Array.from(
    { length },
    (_, i) => Math.sin(0.9 * i * (1 + 0.01 * seed) + seed),
  );
  return tensor(data, { shape });
}

const numbers = (data: number[][], dtype: DType = "float32"): Tensor => tensor(data, { dtype });

/** A batch of noisy latents, flow times and conditions. */
export function inputs(): { noisy: Tensor; t: Tensor; conditions: IsaDitConditions } {
  const front = new Float32Array(B * K * P).fill(1);
  front[P + 2] = 0;
  return {
    noisy: waves(1, B, C, T, h, w),
    t: tensor([0.3, 0.8]),
    conditions: {
      reference: waves(2, B, C, h, w),
      pointFeatures: waves(3, B, P, C),
      pointVisible: numbers([[1, 0, 1, 1, 0], [1, 1, 1, 1, 1]]),
      pointPerson: numbers([[0, 0, 0, 1, 1], [0, 0, 0, 0, 0]], "int64"),
      pointIndex: numbers([[0, 1, 2, 3, 4], [4, 3, 2, 1, 0]], "int64"),
      points: waves(4, B, K, P, 3),
      pointsNdc: waves(5, B, K, P, 3),
      pointInFront: tensor(front, { shape: [B, K, P] }),
      background: waves(6, B, C, T, h, w),
      backgroundGiven: tensor([1, 0]),
      plucker: waves(7, B, 12, T, h, w),
      image: waves(8, B, 3, 8, 8),
      subjectGiven: tensor([1, 0]),
    },
  };
}

/** max |a − b|. */
export const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));
