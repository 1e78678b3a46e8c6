/**
 * Stand-ins for what libtorch cannot run on the meta device: its kernels there for these operators
 * are written in Python. They give the right shapes, and cost what the real operator costs to whoever
 * counts.
 * @module
 */

import { empty, linear, movedim, reshape, type Tensor } from "../tensor/mod.ts";

/** A convolution's numbers, one per spatial (or time and spatial) axis. */
export interface ConvGeometry {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

/**
 * The shape of convolving x [B, C, ...] with weight [outC, C/groups, ...], as the matrix product that
 * a convolution is: as many multiplications, and an operator that exists on meta.
 */
export function metaConv(x: Tensor, weight: Tensor, geometry: ConvGeometry): Tensor {
  const sizes = x.shape.slice(2).map((size, i) => {
    const reach = geometry.dilation[i] * (weight.shape[i + 2] - 1) + 1;
    return Math.floor((size + 2 * geometry.padding[i] - reach) / geometry.stride[i]) + 1;
  });
  const [outC] = weight.shape;
  const fanIn = weight.numel / outC;
  const patches = empty([x.shape[0], ...sizes, fanIn], { dtype: x.dtype, device: "meta" });
  return movedim(linear(patches, reshape(weight, [outC, fanIn])), [-1], [1]);
}

/** The shape of looking up indices [...] in weight [count, dim]. */
export function metaEmbedding(weight: Tensor, indices: Tensor): Tensor {
  return empty([...indices.shape, weight.shape[1]], { dtype: weight.dtype, device: "meta" });
}

/** The shape of anything elementwise, or of a norm. */
export function metaLike(x: Tensor): Tensor {
  return empty([...x.shape], { dtype: x.dtype, device: "meta" });
}
