/**
 * Stand-ins for what libtorch cannot run on the meta device: its kernels there for these operators
 * are written in Python. They give the right shapes, and cost what the real operator costs to whoever
 * counts.
 * @module
 */

import {
  conv2d,
  conv3d,
  empty,
  linear,
  movedim,
  reshape,
  scope,
  type Tensor,
} from "../tensor/mod.ts";

/** Numbers of {@link convolve2d} and {@link convolve3d}, one per axis; defaults as PyTorch's. */
export interface ConvolveOptions {
  /** [outC]. */
  readonly bias?: Tensor;
  /** Default 1. */
  readonly stride?: readonly number[];
  /** Zeros added on both sides. Default 0. */
  readonly padding?: readonly number[];
  /** Default 1. */
  readonly dilation?: readonly number[];
  /** Default 1. */
  readonly groups?: number;
}

/** `conv2d` that also runs on meta: x [B, C, H, W], weight [outC, C/groups, kh, kw]. */
export function convolve2d(x: Tensor, weight: Tensor, options: ConvolveOptions = {}): Tensor {
  return x.device === "meta" ? metaConv(x, weight, options) : conv2d(x, weight, options);
}

/** `conv3d` that also runs on meta: x [B, C, F, H, W], weight [outC, C/groups, kt, kh, kw]. */
export function convolve3d(x: Tensor, weight: Tensor, options: ConvolveOptions = {}): Tensor {
  return x.device === "meta" ? metaConv(x, weight, options) : conv3d(x, weight, options);
}

/** As the matrix product that a convolution is: as many multiplications. */
function metaConv(x: Tensor, weight: Tensor, options: ConvolveOptions): Tensor {
  const { stride, padding, dilation } = options;
  const sizes = x.shape.slice(2).map((size, i) => {
    const reach = (dilation?.[i] ?? 1) * (weight.shape[i + 2] - 1) + 1;
    return Math.floor((size + 2 * (padding?.[i] ?? 0) - reach) / (stride?.[i] ?? 1)) + 1;
  });
  const [outC] = weight.shape;
  const fanIn = weight.numel / outC;
  return scope(() => {
    const patches = empty([x.shape[0], ...sizes, fanIn], { dtype: x.dtype, device: "meta" });
    return movedim(linear(patches, reshape(weight, [outC, fanIn])), [-1], [1]);
  });
}

/** The shape of looking up indices [...] in weight [count, dim]. */
export function metaEmbedding(weight: Tensor, indices: Tensor): Tensor {
  return empty([...indices.shape, weight.shape[1]], { dtype: weight.dtype, device: "meta" });
}

/** The shape of anything elementwise, or of a norm. */
export function metaLike(x: Tensor): Tensor {
  return empty([...x.shape], { dtype: x.dtype, device: "meta" });
}
