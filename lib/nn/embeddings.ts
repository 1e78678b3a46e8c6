/**
 * Numbers and coordinates as vectors of sines and cosines. All tables are float32.
 * @module
 */

import { ConfigError } from "../errors.ts";
import {
  arange,
  cat,
  cos,
  exp,
  flatten,
  mul,
  pad,
  scope,
  sin,
  type Tensor,
  tensor,
  unsqueeze,
} from "../tensor/mod.ts";
import { Linear } from "./linear.ts";
import { activate } from "./activation.ts";
import { asFloat32 } from "./precision.ts";
import type { Vars } from "./vars.ts";

/** Options of {@link timestepEmbedding}. */
export interface TimestepEmbeddingOptions {
  /** Longest wavelength is 2π times this. Default 10000. */
  readonly maxPeriod?: number;
}

/**
 * Sinusoidal embedding of times [B] → float32 [B, dim], cosines first: diffusers'
 * `get_timestep_embedding(flip_sin_to_cos=True, downscale_freq_shift=0)`, as SD3 has it. SD3's flow
 * time 0 … 1 goes in times 1000.
 */
export function timestepEmbedding(
  t: Tensor,
  dim: number,
  options: TimestepEmbeddingOptions = {},
): Tensor {
  const { maxPeriod = 10000 } = options;
  const half = Math.floor(dim / 2);
  return scope(() => {
    const steps = arange(0, half, { dtype: "float32", device: t.device });
    const frequencies = exp(mul(steps, -Math.log(maxPeriod) / half));
    const angles = mul(unsqueeze(asFloat32(t), 1), frequencies);
    const waves = cat([cos(angles), sin(angles)], 1);
    return dim % 2 === 0 ? waves : pad(waves, [0, 1]);
  });
}

/** Options of {@link TimestepEmbedder}. */
export interface TimestepEmbedderOptions {
  /** Width of the result. Default dim. */
  readonly outDim?: number;
}

/** Linear, SiLU, Linear on an embedded time. Variables below `linear_1` and `linear_2`. */
export class TimestepEmbedder {
  readonly #linear1: Linear;
  readonly #linear2: Linear;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, inDim: number, dim: number, options: TimestepEmbedderOptions = {}) {
    this.#linear1 = new Linear(vars.sub("linear_1"), inDim, dim);
    this.#linear2 = new Linear(vars.sub("linear_2"), dim, options.outDim ?? dim);
  }

  /** Embedded times [B, inDim] → [B, outDim]. */
  forward(x: Tensor): Tensor {
    return scope(() => this.#linear2.forward(activate(this.#linear1.forward(x), "silu")));
  }
}

/** Options of {@link sinusoidalEmbedding}. */
export interface SinusoidalEmbeddingOptions {
  /** Number of frequencies F for each coordinate. */
  readonly frequencies: number;
  /** Frequencies run geometrically from π to π times this. Default 2^(F−1): π·2^k. */
  readonly maxFrequency?: number;
  /** Width of the result: zeros are added behind. Default C·2F. */
  readonly width?: number;
}

/**
 * Coordinates [..., C] → float32 [..., C·2F] (NeRF, eq. 4): for each coordinate x its F values
 * sin(f_k x), then its F values cos(f_k x).
 *
 * @throws ConfigError when `width` is less than C·2F
 */
export function sinusoidalEmbedding(x: Tensor, options: SinusoidalEmbeddingOptions): Tensor {
  const { frequencies } = options;
  const { maxFrequency = 2 ** (frequencies - 1) } = options;
  const filled = x.shape[x.shape.length - 1] * 2 * frequencies;
  const { width = filled } = options;
  if (width < filled) {
    throw new ConfigError(`width ${width} does not hold ${filled} sines and cosines`);
  }
  const steps = Math.max(1, frequencies - 1);
  const table = Float32Array.from(
    { length: frequencies },
    (_, k) => Math.PI * maxFrequency ** (k / steps),
  );
  return scope(() => {
    const factors = tensor(table, { shape: [frequencies], device: x.device });
    const angles = mul(unsqueeze(asFloat32(x), -1), factors);
    const waves = flatten(cat([sin(angles), cos(angles)], -1), { startDim: -2 });
    return width === filled ? waves : pad(waves, [0, width - filled]);
  });
}
