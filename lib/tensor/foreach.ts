/** One operation over many tensors in few kernels, as optimisers need. */

import { rawForeachMulList_, rawForeachMulScalar_, rawForeachMulTensor_ } from "./ops_gen.ts";
import { Tensor } from "./tensor.ts";

/** Multiplies each by `y`: a number, one tensor of a single value for all, or one tensor each. */
export function _foreachMul_(
  xs: readonly Tensor[],
  y: number | Tensor | readonly Tensor[],
): void {
  if (typeof y === "number") rawForeachMulScalar_(xs, y);
  else if (y instanceof Tensor) rawForeachMulTensor_(xs, y);
  else rawForeachMulList_(xs, y);
}
