/** Losses, reduced to their mean unless asked otherwise. */

import { InputError } from "../errors.ts";
import { rawBceWithLogits, rawMseLoss } from "./ops_gen.ts";
import type { Tensor } from "./tensor.ts";

/** How a loss is reduced to one value, if at all. */
export interface LossOptions {
  /** Default: "mean". */
  readonly reduction?: "none" | "mean" | "sum";
}

// at::Reduction
function reductionCode(options: LossOptions): number {
  const { reduction = "mean" } = options;
  const code = ["none", "mean", "sum"].indexOf(reduction);
  if (code < 0) {
    throw new InputError(`reduction is "${reduction}", expected none, mean or sum`);
  }
  return code;
}

/** Squared difference. */
export function mseLoss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  return rawMseLoss(x, target, { reduction: reductionCode(options) });
}

/** Binary cross-entropy of logits against targets in 0 … 1. */
export function bceWithLogits(
  logits: Tensor,
  target: Tensor,
  options: LossOptions & { readonly weight?: Tensor; readonly posWeight?: Tensor } = {},
): Tensor {
  const { weight, posWeight } = options;
  return rawBceWithLogits(logits, target, {
    weight,
    posWeight,
    reduction: reductionCode(options),
  });
}
