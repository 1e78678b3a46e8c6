/**
 * softmax(q kᵀ / √H) v, by the implementation that suits the device.
 * @module
 */

// B batch, N heads, L queries, S keys, H head width

import {
  add,
  matmul,
  mul,
  placeOf,
  scaledDotProductAttention,
  scope,
  softmax,
  type Tensor,
  transpose,
} from "../tensor/mod.ts";
import { castOnMeta } from "./meta.ts";

/**
 * Largest L·S for which the CPU multiplies half-precision attention out. libtorch's fused CPU kernel is
 * made for long sequences; in bfloat16, with the short ones of one latent frame, its backward pass is
 * up to 15 times slower than three plain operators. In float32 it is the faster one
 * (bench/cases/attention.ts).
 */
const PLAIN_LIMIT = 512 * 512;

/** Options of {@link attend}. */
export interface AttendOptions {
  /** Bool (true: may be read) or additive mask that broadcasts to [B, N, L, S]. */
  readonly mask?: Tensor;
  /** Whether query i reads only keys 0 … i. Not together with a mask. */
  readonly causal?: boolean;
}

/** Queries [B, N, L, H], keys and values [B, N, S, H] → [B, N, L, H]. */
export function attend(q: Tensor, k: Tensor, v: Tensor, options: AttendOptions = {}): Tensor {
  const { mask, causal = false } = options;
  const plain = placeOf(q) === "cpu" && q.dtype !== "float32" && q.dtype !== "float64" && !causal &&
    mask?.dtype !== "bool" && q.shape[2] * k.shape[2] <= PLAIN_LIMIT;
  return plain ? multipliedOut(q, k, v, mask) : castOnMeta(
    [q, k, v],
    (q, k, v) => scaledDotProductAttention(q, k, v, { attnMask: mask, isCausal: causal }),
  );
}

function multipliedOut(q: Tensor, k: Tensor, v: Tensor, mask?: Tensor): Tensor {
  return scope(() => {
    const scale = 1 / Math.sqrt(q.shape[3]);
    const scores = matmul(mul(q, scale), transpose(k, 2, 3));
    return matmul(softmax(mask ? add(scores, mask) : scores, -1), v);
  });
}
