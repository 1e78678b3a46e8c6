/**
 * softmax(q kᵀ / √H) v, by the implementation that suits the device.
 * @module
 */

// B batch, N heads, L queries, S keys, H head width

import {
  add,
  empty,
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
  return plain ? multipliedOut(q, k, v, mask) : fused(q, k, v, options);
}

function fused(q: Tensor, k: Tensor, v: Tensor, { mask, causal = false }: AttendOptions): Tensor {
  const run = (q: Tensor, k: Tensor, v: Tensor) =>
    scaledDotProductAttention(q, k, v, { attnMask: mask, isCausal: causal });
  if (q.device !== "meta") return run(q, k, v);
  return scope(() => {
    const result = castOnMeta([q, k, v], run);
    const [B, N, L, H] = result.shape;
    result.dispose();
    // The fused kernels lay heads inside queries, so that joining the heads copies nothing.
    return transpose(empty([B, L, N, H], { dtype: result.dtype, device: "meta" }), 1, 2);
  });
}

function multipliedOut(q: Tensor, k: Tensor, v: Tensor, mask?: Tensor): Tensor {
  return scope(() => {
    const scale = 1 / Math.sqrt(q.shape[3]);
    const scores = matmul(mul(q, scale), transpose(k, 2, 3));
    return matmul(softmax(mask ? add(scores, mask) : scores, -1), v);
  });
}
