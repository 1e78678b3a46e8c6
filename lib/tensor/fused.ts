/**
 * Operators of isa4d's own (native/src/fused.cpp): chains that libtorch does in several passes over
 * memory, in one. They are there on the CPU and on meta, for float32 and bfloat16, with gradients.
 * @module
 */

import { Operator } from "../native/mod.ts";
import { argDtype, argNumber, argOptional, argTensor, begin, callTensor } from "./call.ts";
import { metaCast } from "./rehearsal.ts";
import type { Tensor } from "./tensor.ts";

const normModulateOperator = new Operator("isa4d::norm_modulate", "");
const addGatedOperator = new Operator("isa4d::add_gated", "");
const geluTanhOperator = new Operator("isa4d::gelu_tanh", "");
const rotaryOperator = new Operator("isa4d::rotary", "");
const attentionOperator = new Operator("isa4d::attention", "");

/** What {@link normModulate} does after the norm. */
export interface NormModulation {
  /** Of x's sizes up to some dimension, then 1, and the last whole. */
  readonly shift: Tensor;
  /** Of the same sizes. */
  readonly scale: Tensor;
  /** Added to the variance. */
  readonly eps: number;
}

/**
 * LayerNorm of `x` over its last dimension, times 1 + scale, plus shift; arithmetic in float32. Within
 * `autocast` the result has the dtype of products, as it would be cast to it next.
 */
export function normModulate(x: Tensor, { shift, scale, eps }: NormModulation): Tensor {
  begin();
  argTensor(x);
  argTensor(shift);
  argTensor(scale);
  argNumber(eps);
  argDtype(x.device === "meta" ? metaCast() : undefined);
  return callTensor(normModulateOperator);
}

/** x + gate·branch in x's dtype. `branch` has x's sizes, `gate` them up to some dimension, then 1, and the last. */
export function addGated(x: Tensor, gate: Tensor, branch: Tensor): Tensor {
  begin();
  argTensor(x);
  argTensor(gate);
  argTensor(branch);
  return callTensor(addGatedOperator);
}

/** GELU in its approximation by tanh. */
export function geluTanh(x: Tensor): Tensor {
  begin();
  argTensor(x);
  return callTensor(geluTanhOperator);
}

/** Turns the first half of each head of x [B, N, L, H] against the second by angles [L, H]. */
export function rotary(x: Tensor, cos: Tensor, sin: Tensor): Tensor {
  begin();
  argTensor(x);
  argTensor(cos);
  argTensor(sin);
  return callTensor(rotaryOperator);
}

/**
 * softmax(q kᵀ / √H + mask) v of queries [B, N, L, H], keys and values [B, N, S, H], all products in
 * float32. The additive mask broadcasts to [B, N, L, S]. It is made for short sequences: scores are
 * worked on head by head, and no score is kept for the gradient.
 */
export function shortAttention(q: Tensor, k: Tensor, v: Tensor, mask?: Tensor): Tensor {
  begin();
  argTensor(q);
  argTensor(k);
  argTensor(v);
  argOptional(mask);
  argNumber(1 / Math.sqrt(q.shape[3]));
  return callTensor(attentionOperator);
}
