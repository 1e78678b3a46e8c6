/**
 * Products on the meta device. libtorch's autocast leaves tensors there alone, so the layers cast
 * them: a rehearsal then takes the memory that the real computation takes.
 * @module
 */

import { conv2d, conv3d, metaCast, scope, type Tensor, to } from "../tensor/mod.ts";

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

/** Runs a product; on meta with its operands cast as autocast would cast them elsewhere. */
export function castOnMeta<Operands extends readonly [Tensor, ...(Tensor | undefined)[]]>(
  operands: Operands,
  product: (...cast: Operands) => Tensor,
): Tensor {
  const dtype = operands[0].device === "meta" ? metaCast() : undefined;
  if (dtype === undefined) return product(...operands);
  return scope(() => product(...operands.map((x) => x && to(x, { dtype })) as unknown as Operands));
}

/** `conv2d` as the layers call it: x [B, C, H, W], weight [outC, C/groups, kh, kw]. */
export function convolve2d(x: Tensor, weight: Tensor, options: ConvolveOptions = {}): Tensor {
  return castOnMeta(
    [x, weight, options.bias],
    (x, weight, bias) => conv2d(x, weight, { ...options, bias }),
  );
}

/** `conv3d` as the layers call it: x [B, C, F, H, W], weight [outC, C/groups, kt, kh, kw]. */
export function convolve3d(x: Tensor, weight: Tensor, options: ConvolveOptions = {}): Tensor {
  return castOnMeta(
    [x, weight, options.bias],
    (x, weight, bias) => conv3d(x, weight, { ...options, bias }),
  );
}
