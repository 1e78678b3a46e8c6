// B batch, C latent channels, F frames, T latent frames, f temporal factor, s spatial factor

/**
 * The linear latent: blocks of f frames × s × s pixels × 3 on their first principal components,
 * whitened. Frame 0 is its own block, repeated f times, so the map is causal and takes images.
 * @module
 */
import { type Vars, zeroInit } from "../../nn/mod.ts";
import {
  cat,
  clone,
  conv3d,
  expand,
  linear,
  mean,
  narrow,
  neg,
  permute,
  reshape,
  scope,
  type Tensor,
} from "../../tensor/mod.ts";

/** Sizes of a block and of its latent. */
export interface PcaShape {
  readonly latentChannels: number;
  readonly temporalFactor: number;
  readonly spatialFactor: number;
}

/** A fitted map; D = 3·f·s·s values of a block, ordered channel, frame, row, column. */
export interface PcaBasis {
  /** Mean block [D]. */
  readonly mean: Tensor;
  /** Block − mean → latent [C, D]: component / its standard deviation. */
  readonly analysis: Tensor;
  /** Latent → block − mean [D, C]: component · its standard deviation. */
  readonly synthesis: Tensor;
}

/** The linear encoder and decoder. Buffers: `mean`, `analysis`, `offset`, `synthesis`. */
export class Pca {
  readonly #shape: PcaShape;
  readonly #mean: Tensor;
  readonly #analysis: Tensor;
  readonly #offset: Tensor;
  readonly #synthesis: Tensor;

  constructor(vars: Vars, shape: PcaShape) {
    const { latentChannels: C, temporalFactor: f, spatialFactor: s } = shape;
    const D = 3 * f * s * s;
    this.#shape = shape;
    this.#mean = vars.buffer("mean", [D], zeroInit);
    this.#analysis = vars.buffer("analysis", [C, 3, f, s, s], zeroInit);
    this.#offset = vars.buffer("offset", [C], zeroInit);
    this.#synthesis = vars.buffer("synthesis", [D, C], zeroInit);
  }

  /** [B,3,F,H,W] in −1..1 → [B,C,T,H/s,W/s]; `first`: whether x begins with frame 0. */
  encode(x: Tensor, first: boolean = true): Tensor {
    const { temporalFactor: f, spatialFactor: s } = this.#shape;
    return scope(() => {
      const [B, colours, , H, W] = x.shape;
      const blocks = first && f > 1
        ? cat([expand(narrow(x, 2, 0, 1), [B, colours, f - 1, H, W]), x], 2)
        : x;
      return conv3d(blocks, this.#analysis, { bias: this.#offset, stride: [f, s, s] });
    });
  }

  /** [B,C,T,h,w] → [B,3,F,h·s,w·s]; frame 0 is the mean of its block. */
  decode(z: Tensor, first: boolean = true): Tensor {
    const { temporalFactor: f, spatialFactor: s } = this.#shape;
    return scope(() => {
      const [B, , T, h, w] = z.shape;
      const rows = linear(permute(z, [0, 2, 3, 4, 1]), this.#synthesis, { bias: this.#mean });
      const blocks = permute(reshape(rows, [B, T, h, w, 3, f, s, s]), [0, 4, 1, 5, 2, 6, 3, 7]);
      const frames = reshape(blocks, [B, 3, T * f, h * s, w * s]);
      if (!first || f === 1) return frames;
      const still = mean(narrow(frames, 2, 0, f), { dim: [2], keepdim: true });
      return cat([still, narrow(frames, 2, f, (T - 1) * f)], 2);
    });
  }
}

/** The values of {@linkcode Pca}'s buffers for a fitted basis, by their names below `pca`. */
export function pcaState(basis: PcaBasis, shape: PcaShape): Map<string, Tensor> {
  const { latentChannels: C, temporalFactor: f, spatialFactor: s } = shape;
  const D = 3 * f * s * s;
  const values = scope(() => ({
    mean: clone(basis.mean),
    analysis: clone(reshape(basis.analysis, [C, 3, f, s, s])),
    // W (x − μ) = W x − W μ, so that one convolution does it.
    offset: neg(reshape(linear(reshape(basis.mean, [1, D]), basis.analysis), [C])),
    synthesis: clone(basis.synthesis),
  }));
  return new Map(Object.entries(values).map(([name, value]) => [`pca.${name}`, value]));
}
