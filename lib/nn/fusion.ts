/**
 * Which chains of operators are done by one of isa4d's own. Everything that is fused is here beside the
 * graph that it stands for, which runs on all other devices and dtypes.
 * @module
 */

import {
  add,
  addcmul,
  addGated,
  cat,
  chunk,
  gelu,
  geluTanh,
  layerNorm,
  mul,
  neg,
  normModulate,
  placeOf,
  rotary,
  scope,
  type Tensor,
} from "../tensor/mod.ts";
import { inFloat32 } from "./precision.ts";

let on = true;

/** Runs `fn`, to the end of its promise if it gives one, with libtorch's operators alone, to compare with. */
export function unfused<T>(fn: () => T): T {
  const before = on;
  const back = () => on = before;
  on = false;
  let waits = false;
  try {
    const result = fn();
    waits = result instanceof Promise;
    return result instanceof Promise ? result.finally(back) as T : result;
  } finally {
    if (!waits) back();
  }
}

/** Whether the operators of isa4d's own take this tensor. */
export function fuses(x: Tensor): boolean {
  return on && placeOf(x) === "cpu" && (x.dtype === "float32" || x.dtype === "bfloat16");
}

/** Whether `part` has x's sizes up to some dimension, then 1, and x's last. */
function sharedByRows({ shape }: Tensor, part: Tensor): boolean {
  const last = shape.length - 1;
  if (part.shape.length !== shape.length || part.shape[last] !== shape[last]) return false;
  let dim = last - 1;
  while (dim >= 0 && part.shape[dim] === 1) dim--;
  return shape.slice(0, dim + 1).every((size, i) => size === part.shape[i]);
}

/** LayerNorm without weights of x [..., D], times 1 + scale, plus shift, with broadcasting. */
export function modulatedNorm(
  x: Tensor,
  { shift, scale, eps }: { readonly shift: Tensor; readonly scale: Tensor; readonly eps: number },
): Tensor {
  if (fuses(x) && sharedByRows(x, scale) && shift.shape.join() === scale.shape.join()) {
    return normModulate(x, { shift, scale, eps });
  }
  return scope(() => {
    const normed = inFloat32(x, (x) => layerNorm(x, [x.shape.at(-1)!], { eps }));
    return addcmul(shift, normed, add(scale, 1));
  });
}

/** x + gate·branch. */
export function gatedSum(x: Tensor, gate: Tensor, branch: Tensor): Tensor {
  // Where x is the narrowest, the sum would not be x's dtype.
  const keeps = x.dtype === "float32" ||
    (gate.dtype === "bfloat16" && branch.dtype === "bfloat16");
  const fits = x.shape.join() === branch.shape.join() && sharedByRows(x, gate);
  return keeps && fits && fuses(x) && fuses(branch)
    ? addGated(x, gate, branch)
    : addcmul(x, gate, branch);
}

/** GELU in its approximation by tanh. */
export function tanhGelu(x: Tensor): Tensor {
  return fuses(x) ? geluTanh(x) : gelu(x, { approximate: "tanh" });
}

/** Turns x [B, N, L, H], or any [..., L, H], by the angles of `cos` and `sin` [L, H]. */
export function turned(
  x: Tensor,
  { cos, sin }: { readonly cos: Tensor; readonly sin: Tensor },
): Tensor {
  if (fuses(x) && x.shape.length === 4 && cos.shape.join() === x.shape.slice(2).join()) {
    return rotary(x, cos, sin);
  }
  return inFloat32(x, (x) =>
    scope(() => {
      const across = scope(() => mul(quarterTurn(x), sin));
      return add(mul(x, cos), across);
    }));
}

/** The halves (a, b) of each head → (−b, a). */
function quarterTurn(x: Tensor): Tensor {
  return scope(() => {
    const [first, second] = chunk(x, 2, -1);
    return cat([neg(second), first], -1);
  });
}
