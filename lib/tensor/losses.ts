/** Losses, reduced to their mean unless asked otherwise. */

import { InputError } from "../errors.ts";
import {
  rawBceWithLogits,
  rawCrossEntropy,
  rawHuberLoss,
  rawL1Loss,
  rawMseLoss,
  rawNllLoss,
  rawSmoothL1Loss,
} from "./ops_gen.ts";
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

/** Absolute difference. */
export function l1Loss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  return rawL1Loss(x, target, { reduction: reductionCode(options) });
}

/** Absolute difference, squared (and halved, over beta) where it is below `beta`. */
export function smoothL1Loss(
  x: Tensor,
  target: Tensor,
  options: LossOptions & { readonly beta?: number } = {},
): Tensor {
  return rawSmoothL1Loss(x, target, { reduction: reductionCode(options), beta: options.beta });
}

/** Half the squared difference below `delta`, linear above. */
export function huberLoss(
  x: Tensor,
  target: Tensor,
  options: LossOptions & { readonly delta?: number } = {},
): Tensor {
  return rawHuberLoss(x, target, { reduction: reductionCode(options), delta: options.delta });
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

/** Cross-entropy of logits [N,C,…] against classes [N,…] int64 or probabilities [N,C,…]. */
export function crossEntropy(
  logits: Tensor,
  target: Tensor,
  options: LossOptions & { readonly weight?: Tensor; readonly labelSmoothing?: number } = {},
): Tensor {
  const { weight, labelSmoothing } = options;
  return rawCrossEntropy(logits, target, {
    weight,
    reduction: reductionCode(options),
    labelSmoothing,
  });
}

/** Negative log likelihood of log-probabilities [N,C] against classes [N] int64. */
export function nllLoss(logProbs: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  return rawNllLoss(logProbs, target, { reduction: reductionCode(options) });
}
