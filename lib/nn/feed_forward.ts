/**
 * Two-layer perceptrons.
 * @module
 */

import type { Tensor } from "../tensor/mod.ts";
import { activate, type Activation } from "./activation.ts";
import { type LayerInit, Linear } from "./linear.ts";
import { sequence } from "./sequence.ts";
import type { Vars } from "./vars.ts";

/** Options of {@link FeedForward}. */
export interface FeedForwardOptions {
  /** Hidden width as a multiple of dim. Default 4. */
  readonly mult?: number;
  /** Width of the result. Default dim. */
  readonly outDim?: number;
  /** Default "gelu_tanh", as SD3. */
  readonly activation?: Activation;
  /** Whether both layers have a bias. Default true. */
  readonly bias?: boolean;
  /** First values of the last layer. Default: PyTorch's. */
  readonly outInit?: LayerInit;
}

/** A transformer's feed-forward, with the names of diffusers: `net.0.proj`, `net.2`. */
export class FeedForward {
  readonly #in: Linear;
  readonly #out: Linear;
  readonly #activation: Activation;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, dim: number, options: FeedForwardOptions = {}) {
    const { mult = 4, outDim = dim, activation = "gelu_tanh", bias = true, outInit } = options;
    const hidden = Math.round(dim * mult);
    this.#in = new Linear(vars.sub("net.0.proj"), dim, hidden, { bias });
    this.#out = new Linear(vars.sub("net.2"), hidden, outDim, { bias, init: outInit });
    this.#activation = activation;
  }

  /** [..., dim] → [..., outDim]. */
  forward(x: Tensor): Tensor {
    return sequence(x, [
      (x) => this.#in.forward(x),
      (x) => activate(x, this.#activation),
      (x) => this.#out.forward(x),
    ]);
  }
}

/** Options of {@link Mlp}. */
export interface MlpOptions {
  /** Hidden width. Default outDim. */
  readonly hiddenDim?: number;
  /** Default "silu". */
  readonly activation?: Activation;
  /** First values of the last layer. Default: PyTorch's. */
  readonly outInit?: LayerInit;
}

/** Two linear layers with an activation between. Variables below `fc1` and `fc2`. */
export class Mlp {
  readonly #fc1: Linear;
  readonly #fc2: Linear;
  readonly #activation: Activation;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, inDim: number, outDim: number, options: MlpOptions = {}) {
    const { hiddenDim = outDim, activation = "silu", outInit } = options;
    this.#fc1 = new Linear(vars.sub("fc1"), inDim, hiddenDim);
    this.#fc2 = new Linear(vars.sub("fc2"), hiddenDim, outDim, { init: outInit });
    this.#activation = activation;
  }

  /** [..., inDim] → [..., outDim]. */
  forward(x: Tensor): Tensor {
    return sequence(x, [
      (x) => this.#fc1.forward(x),
      (x) => activate(x, this.#activation),
      (x) => this.#fc2.forward(x),
    ]);
  }
}
