/**
 * Affine maps and lookup tables.
 * @module
 */

import { add, embedding, linear, scope, type Tensor } from "../tensor/mod.ts";
import { biasUniform, type Init, kaimingUniform, normalInit } from "./init.ts";
import { LowRank } from "./lora.ts";
import { matched } from "./meta.ts";
import type { Vars } from "./vars.ts";

/** First values of a layer with weight and bias; PyTorch's defaults where not given. */
export interface LayerInit {
  /** First value of the weight. */
  readonly weight?: Init;
  /** First value of the bias. */
  readonly bias?: Init;
}

/** Options of {@link Linear}. */
export interface LinearOptions {
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** First values. Default: PyTorch's. */
  readonly init?: LayerInit;
}

/** y = x Wᵀ + b over the last dimension. Variables: `weight` [outDim, inDim], `bias` [outDim]. */
export class Linear {
  /** [outDim, inDim]. */
  readonly weight: Tensor;
  /** [outDim], if any. */
  readonly bias: Tensor | undefined;
  readonly #lowRank: LowRank | undefined;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, inDim: number, outDim: number, options: LinearOptions = {}) {
    const { bias = true, init = {} } = options;
    this.weight = vars.factor("weight", [outDim, inDim], init.weight ?? kaimingUniform(inDim));
    this.bias = bias ? vars.factor("bias", [outDim], init.bias ?? biasUniform(inDim)) : undefined;
    this.#lowRank = vars.lora && new LowRank(vars.lora, vars.path, [inDim, outDim]);
  }

  /** [..., inDim] → [..., outDim]. */
  forward(x: Tensor): Tensor {
    const { weight, bias } = this;
    const y = x.device === "meta" || x.dtype !== weight.dtype
      ? matched([x, weight, bias], (x, weight, bias) => linear(x, weight, { bias }))
      : linear(x, weight, { bias });
    return this.#lowRank ? scope(() => add(y, this.#lowRank!.forward(x))) : y;
  }
}

/** Options of {@link Embedding}. */
export interface EmbeddingOptions {
  /** First values. Default: normal with standard deviation 1, as PyTorch. */
  readonly init?: Init;
}

/** A table of learned vectors. Variable: `weight` [count, dim]. */
export class Embedding {
  /** [count, dim]. */
  readonly weight: Tensor;

  /** Registers the table in `vars`. */
  constructor(vars: Vars, count: number, dim: number, options: EmbeddingOptions = {}) {
    this.weight = vars.parameter("weight", [count, dim], options.init ?? normalInit(1));
  }

  /** int64 indices [...] → vectors [..., dim]. */
  forward(indices: Tensor): Tensor {
    return embedding(this.weight, indices);
  }
}
