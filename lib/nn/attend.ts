/**
 * softmax(q kᵀ / √H) v, by the implementation that suits the device.
 * @module
 */

// B batch, N heads, L queries, S keys, H head width

import {
  add,
  cat,
  empty,
  matmul,
  mul,
  narrow,
  placeOf,
  scaledDotProductAttention,
  scope,
  shortAttention,
  softmax,
  type Tensor,
  transpose,
} from "../tensor/mod.ts";
import { fuses } from "./fusion.ts";
import { matched } from "./meta.ts";

/**
 * Largest L·S of what counts as short on the CPU. libtorch's fused CPU kernel is made for long
 * sequences; with the short ones of one latent frame isa4d's own is the faster one. Where that is not
 * there, half precision is multiplied out: in bfloat16 the backward pass of libtorch's kernel is up to
 * 15 times slower than three plain operators (bench/cases/attention.ts).
 */
const PLAIN_LIMIT = 512 * 512;

/** CUDA's kernels lay batch and heads along an axis of their grid that is no longer than this. */
const CUDA_BATCHES = 65_535;

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
  const short = q.shape[2] * k.shape[2] <= PLAIN_LIMIT;
  if (short && !causal && mask?.dtype !== "bool" && fuses(q)) return shortAttention(q, k, v, mask);
  const plain = placeOf(q) === "cpu" && q.dtype !== "float32" && q.dtype !== "float64" && !causal &&
    mask?.dtype !== "bool" && short;
  if (plain) return multipliedOut(q, k, v, mask);
  return placeOf(q).startsWith("cuda")
    ? inParts(q, k, v, { ...options, most: CUDA_BATCHES })
    : fused(q, k, v, options);
}

/** As {@link attend} on a device, at most `most` heads of the whole batch at a time. */
export function inParts(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { most, mask, ...options }: AttendOptions & { readonly most: number },
): Tensor {
  const [B, N] = q.shape;
  const each = Math.max(1, Math.floor(most / N));
  if (B <= each) return fused(q, k, v, { mask, ...options });
  return scope(() => {
    const parts: Tensor[] = [];
    for (let start = 0; start < B; start += each) {
      const part = (x: Tensor) => narrow(x, 0, start, Math.min(each, B - start));
      const own = mask && mask.shape.length === 4 && mask.shape[0] === B ? part(mask) : mask;
      // Heads lie inside queries, and so do those of all parts together.
      const [Q, K, V] = [part(q), part(k), part(v)];
      parts.push(transpose(fused(Q, K, V, { mask: own, ...options }), 1, 2));
    }
    return transpose(cat(parts), 1, 2);
  });
}

function fused(q: Tensor, k: Tensor, v: Tensor, { mask, causal = false }: AttendOptions): Tensor {
  const run = (q: Tensor, k: Tensor, v: Tensor) =>
    scaledDotProductAttention(q, k, v, { attnMask: mask, isCausal: causal });
  if (q.device !== "meta") return run(q, k, v);
  return scope(() => {
    const result = matched([q, k, v], run);
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
