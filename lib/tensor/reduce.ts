/** Reductions: over all elements, or over some dimensions. */

import type { DType } from "./dtype.ts";
import {
  rawAll,
  rawAllAll,
  rawAny,
  rawAnyAll,
  rawMaxAll,
  rawMean,
  rawMeanAll,
  rawMinAll,
  rawProd,
  rawProdAll,
  rawQuantile,
  rawQuantileTensor,
  rawStd,
  rawSum,
  rawSumAll,
  rawVar,
} from "./ops_gen.ts";
import type { Tensor } from "./tensor.ts";

/** Over which dimensions to reduce. */
export interface ReduceOptions {
  /** One or several dimensions, negative ones from the end. Default: all. */
  readonly dim?: number | readonly number[];
  /** Keep reduced dimensions with size 1. Default: false. */
  readonly keepdim?: boolean;
  /** Type to add up in. Default: the tensor's. */
  readonly dtype?: DType;
}

/** As {@link ReduceOptions}, for spreads. */
export interface SpreadOptions extends Omit<ReduceOptions, "dtype"> {
  /** Subtracted from the count: 1 for a sample (the default), 0 for a population. */
  readonly correction?: number;
}

/** Sum. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  const { dim, keepdim, dtype } = options;
  if (dim === undefined && !keepdim) return rawSumAll(x, { dtype });
  return rawSum(x, dim, { keepdim, dtype });
}

/** Mean. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const { dim, keepdim, dtype } = options;
  if (dim === undefined && !keepdim) return rawMeanAll(x, { dtype });
  return rawMean(x, dim, { keepdim, dtype });
}

/** Standard deviation. */
export function std(x: Tensor, options: SpreadOptions = {}): Tensor {
  return rawStd(x, options);
}

/** Variance; named so because `var` is a word of the language. */
export function variance(x: Tensor, options: SpreadOptions = {}): Tensor {
  return rawVar(x, options);
}

/** Product over all elements or one dimension. */
export function prod(
  x: Tensor,
  options: { readonly dim?: number; readonly keepdim?: boolean } = {},
): Tensor {
  const { dim, keepdim } = options;
  return dim === undefined ? rawProdAll(x) : rawProd(x, dim, { keepdim });
}

/** Whether all elements are true. */
export function all(x: Tensor, options: Omit<ReduceOptions, "dtype"> = {}): Tensor {
  const { dim, keepdim } = options;
  if (dim === undefined) return rawAllAll(x);
  return rawAll(x, { dim: typeof dim === "number" ? [dim] : dim, keepdim });
}

/** Whether any element is true. */
export function any(x: Tensor, options: Omit<ReduceOptions, "dtype"> = {}): Tensor {
  const { dim, keepdim } = options;
  if (dim === undefined) return rawAnyAll(x);
  return rawAny(x, { dim: typeof dim === "number" ? [dim] : dim, keepdim });
}

/** The largest element; `amax` and `maxDim` take dimensions. */
export function max(x: Tensor): Tensor {
  return rawMaxAll(x);
}

/** The smallest element; `amin` and `minDim` take dimensions. */
export function min(x: Tensor): Tensor {
  return rawMinAll(x);
}

/** The value below which a fraction `q` of the elements lie; several fractions as a tensor. */
export function quantile(
  x: Tensor,
  q: number | Tensor,
  options: { readonly dim?: number; readonly keepdim?: boolean } = {},
): Tensor {
  return typeof q === "number" ? rawQuantile(x, q, options) : rawQuantileTensor(x, q, options);
}
