/**
 * Activations by name, as configs hold them.
 * @module
 */

import { emptyLike, gelu, relu, silu, tanh, type Tensor } from "../tensor/mod.ts";
import { tanhGelu } from "./fusion.ts";

/** Name of an elementwise non-linearity; "gelu_tanh" is SD3's approximation. */
export type Activation = "silu" | "gelu" | "gelu_tanh" | "relu" | "tanh";

/** Applies the activation of that name, elementwise. */
export function activate(x: Tensor, name: Activation): Tensor {
  switch (name) {
    case "silu":
      return silu(x);
    case "gelu":
      return gelu(x);
    case "gelu_tanh":
      return tanhGelu(x);
    case "relu":
      // libtorch knows relu on meta in Python alone.
      return x.device === "meta" ? emptyLike(x) : relu(x);
    case "tanh":
      return tanh(x);
  }
}
