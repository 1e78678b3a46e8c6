/**
 * In which precision what is worked out.
 * @module
 */

import {
  autocast,
  cpuCast,
  type Device,
  type DType,
  metaCast,
  multipliesBfloat16,
  placeOf,
  scope,
  type Tensor,
  to,
} from "../tensor/mod.ts";

/** The values as float32, or as they are when already at least that exact. */
export function asFloat32(x: Tensor): Tensor {
  return x.dtype === "float32" || x.dtype === "float64" ? x : to(x, { dtype: "float32" });
}

/** Runs `body` on float32 values and gives its result the type of `x` again. */
export function inFloat32(x: Tensor, body: (x: Tensor) => Tensor): Tensor {
  return scope(() => {
    const result = body(asFloat32(x));
    return result.dtype === x.dtype ? result : to(result, { dtype: x.dtype });
  });
}

/** Where products are made, and the dtype that is asked of them. */
export interface ProductOptions {
  /** Where the products are made. */
  readonly device: Device;
  /** The dtype that is asked of them. */
  readonly dtype: DType;
}

/**
 * Runs `fn` with products in `dtype`: under {@link autocast}, or in float32 on a processor that has no
 * products in bfloat16. There its weights are only kept in it ({@link widened}).
 */
export function withProducts<T>({ device, dtype }: ProductOptions, fn: () => T): T {
  const slow = dtype === "bfloat16" && placeOf({ device }) === "cpu" && !multipliesBfloat16();
  return autocast({ device, dtype: slow ? "float32" : dtype }, fn);
}

/**
 * Weights of a product with `x`, as wide as x where nothing casts x to their dtype. Freeing them is left
 * to the scope around.
 */
export function widened<Weight extends Tensor | undefined>(weight: Weight, x: Tensor): Weight {
  if (weight === undefined || weight.dtype === x.dtype || x.dtype !== "float32") return weight;
  const cast = x.device === "meta" ? metaCast() : x.device === "cpu" ? cpuCast() : weight.dtype;
  return cast === undefined ? to(weight, { dtype: x.dtype }) as Weight : weight;
}
