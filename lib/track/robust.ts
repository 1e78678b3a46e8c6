/**
 * Errors that count no more than so much.
 * @module
 */
import { add, div, mul, type Tensor } from "../tensor/mod.ts";

/** Near 0 the square itself, far off a constant; `square` in squared deviations. */
export function gemanMcClure(square: Tensor, width: number): Tensor {
  return div(square, add(mul(square, width ** -2), 1));
}
