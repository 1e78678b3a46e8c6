/**
 * Arithmetic that must not be done in half precision.
 * @module
 */

import { scope, type Tensor, to } from "../tensor/mod.ts";

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
