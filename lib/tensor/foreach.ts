/** One operation over many tensors in few kernels, as optimisers need. */

import {
  rawForeachAddList,
  rawForeachAddList_,
  rawForeachAddScalar,
  rawForeachAddScalar_,
  rawForeachDivScalar_,
  rawForeachDivTensor_,
  rawForeachMulList,
  rawForeachMulList_,
  rawForeachMulScalar,
  rawForeachMulScalar_,
  rawForeachMulTensor_,
} from "./ops_gen.ts";
import { Tensor } from "./tensor.ts";

/** x + y for each; `y` a number or one tensor each. */
export function _foreachAdd(xs: readonly Tensor[], y: number | readonly Tensor[]): Tensor[] {
  return typeof y === "number" ? rawForeachAddScalar(xs, y) : rawForeachAddList(xs, y);
}

/** Adds `alpha` · y to each; `y` a number (then alpha is 1) or one tensor each. */
export function _foreachAdd_(
  xs: readonly Tensor[],
  y: number | readonly Tensor[],
  options: { readonly alpha?: number } = {},
): void {
  if (typeof y === "number") rawForeachAddScalar_(xs, y);
  else rawForeachAddList_(xs, y, options);
}

/** x · y for each; `y` a number or one tensor each. */
export function _foreachMul(xs: readonly Tensor[], y: number | readonly Tensor[]): Tensor[] {
  return typeof y === "number" ? rawForeachMulScalar(xs, y) : rawForeachMulList(xs, y);
}

/** Multiplies each by `y`: a number, one tensor of a single value for all, or one tensor each. */
export function _foreachMul_(
  xs: readonly Tensor[],
  y: number | Tensor | readonly Tensor[],
): void {
  if (typeof y === "number") rawForeachMulScalar_(xs, y);
  else if (y instanceof Tensor) rawForeachMulTensor_(xs, y);
  else rawForeachMulList_(xs, y);
}

/** Divides each by `y`: a number or one tensor of a single value for all. */
export function _foreachDiv_(xs: readonly Tensor[], y: number | Tensor): void {
  if (typeof y === "number") rawForeachDivScalar_(xs, y);
  else rawForeachDivTensor_(xs, y);
}
