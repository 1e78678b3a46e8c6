// B batch, C latent channels, F frames, T latent frames, f temporal factor, s spatial factor

/**
 * The linear latent: blocks of f frames × s × s pixels × 3 on their first principal components,
 * whitened. Frame 0 is its own block, repeated f times, so the map is causal and takes images.
 * @module
 */
import { convolve3d, type Vars, zeroInit } from "../../nn/mod.ts";
import {
  autocast,
  cat,
  clone,
  expand,
  linear,
  mean,
  narrow,
  neg,
  pad,
  permute,
  reshape,
  scope,
  type Tensor,
} from "../../tensor/mod.ts";
import { unpatchify } from "./patches.ts";
import type { StreamState } from "./stream.ts";

/** Sizes of a block and of its latent. */
export interface PcaShape {
  /** C. */
  readonly latentChannels: number;
  /** f. */
  readonly temporalFactor: number;
  /** s. */
  readonly spatialFactor: number;
  /** Whether the encoder's window is twice the block in time (back) and space (around). */
  readonly lapped?: boolean;
  /** Whether the maps are trained. */
  readonly trained?: boolean;
}

/** A fitted map; D = 3·f·s·s values of a block, ordered channel, frame, row, column. */
export interface PcaBasis {
  /** Mean block [D]. */
  readonly mean: Tensor;
  /** Block − mean → latent [C, D]: component / its standard deviation. */
  readonly analysis: Tensor;
  /** Latents around k and k − 1 → block of latent k − mean [D, C, 2, 3, 3]. */
  readonly synthesis: Tensor;
  /** Latents around → frame 0 − its mean [3·s·s, C, 1, 3, 3]. */
  readonly still: Tensor;
}

/**
 * The linear encoder and decoder. The decoder is no transpose of the encoder: it is the least-squares
 * map from a latent, its eight neighbours and the latents before them, which carry what the block's
 * own numbers cannot (about 1 dB, and 2 dB where the latents are noisy).
 *
 * Variables: `mean`, `analysis`, `offset`, `synthesis`, `still`, `still_mean`.
 */
export class Pca {
  readonly #shape: PcaShape;
  readonly #mean: Tensor;
  readonly #analysis: Tensor;
  readonly #offset: Tensor;
  readonly #synthesis: Tensor;
  readonly #still: Tensor;
  readonly #stillMean: Tensor;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, shape: PcaShape) {
    const { latentChannels: C, temporalFactor: f, spatialFactor: s } = shape;
    const D = 3 * f * s * s;
    const window = (shape.lapped ? [2 * f, 2 * s, 2 * s] : [f, s, s]) as [number, number, number];
    const variable = (name: string, size: readonly number[]): Tensor =>
      shape.trained ? vars.parameter(name, size, zeroInit) : vars.buffer(name, size, zeroInit);
    this.#shape = shape;
    this.#mean = variable("mean", [D]);
    this.#analysis = variable("analysis", [C, 3, ...window]);
    this.#offset = variable("offset", [C]);
    this.#synthesis = variable("synthesis", [D, C, 2, 3, 3]);
    this.#still = variable("still", [3 * s * s, C, 1, 3, 3]);
    this.#stillMean = variable("still_mean", [3 * s * s]);
  }

  /** [B,3,F,H,W] in −1..1 → [B,C,T,H/s,W/s]. */
  encode(x: Tensor, stream?: StreamState): Tensor {
    const { temporalFactor: f, spatialFactor: s } = this.#shape;
    return exactly(x, () => {
      const known = this.#withPast(x, stream);
      // What lies beyond the border is the border again.
      const around = this.#shape.lapped
        ? pad(known, [s / 2, s / 2, s / 2, s / 2, 0, 0], { mode: "replicate" })
        : known;
      return convolve3d(around, this.#analysis, { bias: this.#offset, stride: [f, s, s] });
    });
  }

  /** The frames before `x` that its first window sees, and `x`. */
  #withPast(x: Tensor, stream?: StreamState): Tensor {
    const { temporalFactor: f, lapped } = this.#shape;
    const past = stream?.past(this);
    const [B, colours, , H, W] = x.shape;
    const before = f - 1 + (lapped ? f : 0);
    const known = past?.kind === "frames"
      ? cat([past.tail, x], 2)
      : (stream?.first ?? true) && before > 0
      ? cat([expand(narrow(x, 2, 0, 1), [B, colours, before, H, W]), x], 2)
      : x;
    if (lapped) stream?.remember(this, known, f);
    return known;
  }

  /** [B,C,T,h,w] → [B,3,F,h·s,w·s]. */
  decode(z: Tensor, stream?: StreamState): Tensor {
    return exactly(z, () => {
      const past = stream?.past(this);
      const known = past?.kind === "frames" ? cat([past.tail, z], 2) : z;
      stream?.remember(this, z);
      const later = known.shape[2] > 1 ? [this.#decodeBlocks(known)] : [];
      return past?.kind === "frames" ? later[0] : cat([this.#decodeStill(z), ...later], 2);
    });
  }

  /** Latents k − 1 … → frames of latents k …: [B,C,1+n,h,w] → [B,3,n·f,h·s,w·s]. */
  #decodeBlocks(z: Tensor): Tensor {
    const { temporalFactor: f, spatialFactor: s } = this.#shape;
    const rows = convolve3d(z, this.#synthesis, { bias: this.#mean, padding: [0, 1, 1] });
    const [B, , n, h, w] = rows.shape;
    const blocks = permute(reshape(rows, [B, 3, f, s, s, n, h, w]), [0, 1, 5, 2, 6, 3, 7, 4]);
    return reshape(blocks, [B, 3, n * f, h * s, w * s]);
  }

  /** Latent 0 → frame 0. */
  #decodeStill(z: Tensor): Tensor {
    const rows = convolve3d(narrow(z, 2, 0, 1), this.#still, {
      bias: this.#stillMean,
      padding: [0, 1, 1],
    });
    return unpatchify(rows, this.#shape.spatialFactor);
  }
}

/** Runs `body` in float32 whatever the nets around it use: the linear path carries the picture. */
function exactly(x: Tensor, body: () => Tensor): Tensor {
  return autocast({ device: x.device, enabled: false }, () => scope(body));
}

/** The values of {@linkcode Pca}'s buffers for a fitted basis, by their names below `pca`. */
export function pcaState(basis: PcaBasis, shape: PcaShape): Map<string, Tensor> {
  const { latentChannels: C, temporalFactor: f, spatialFactor: s, lapped } = shape;
  const D = 3 * f * s * s;
  const values = scope(() => ({
    mean: clone(basis.mean),
    analysis: lapped
      ? inWindow(reshape(basis.analysis, [C, 3, f, s, s]), s, f)
      : clone(reshape(basis.analysis, [C, 3, f, s, s])),
    // W (x − μ) = W x − W μ, so that one convolution does it.
    offset: neg(reshape(linear(reshape(basis.mean, [1, D]), basis.analysis), [C])),
    synthesis: clone(basis.synthesis),
    still: clone(basis.still),
    still_mean: stillMean(basis.mean, shape),
  }));
  return new Map(Object.entries(values).map(([name, value]) => [`pca.${name}`, value]));
}

/** A block's map in a lapped window: nothing from around and before it yet. */
function inWindow(analysis: Tensor, s: number, f: number): Tensor {
  return pad(analysis, [s / 2, s / 2, s / 2, s / 2, f, 0]);
}

/** Mean block [D] → mean still frame's block [3·s·s]: its mean over time. */
export function stillMean(
  mean_D: Tensor,
  { temporalFactor: f, spatialFactor: s }: Omit<PcaShape, "latentChannels">,
): Tensor {
  return scope(() => reshape(mean(reshape(mean_D, [3, f, s * s]), { dim: [1] }), [3 * s * s]));
}
