/**
 * Multi-head attention, with the names of diffusers: `to_q`, `to_k`, `to_v`, `to_out.0`, and
 * `norm_q`, `norm_k` where queries and keys are normalised.
 * @module
 */

// B batch, L query tokens, S context tokens, N heads, H head width

import { ConfigError } from "../errors.ts";
import { reshape, scope, type Tensor, transpose, unsqueeze } from "../tensor/mod.ts";
import { attend } from "./attend.ts";
import { type LayerInit, Linear } from "./linear.ts";
import { RmsNorm } from "./norm.ts";
import { applyRotary, type RotaryTable } from "./rotary.ts";
import type { Vars } from "./vars.ts";

/** Options of {@link Attention}. */
export interface AttentionOptions {
  /** Width of the tokens that give keys and values. Default dim. */
  readonly contextDim?: number;
  /** Width of all heads together. Default dim. */
  readonly innerDim?: number;
  /** Width of the result. Default dim. */
  readonly outDim?: number;
  /** Whether the projections to queries, keys and values have a bias. Default true. */
  readonly bias?: boolean;
  /** Whether the output projection has a bias. Default true. */
  readonly outBias?: boolean;
  /** "rms" normalises each head's queries and keys, as SD3.5. Default "none". */
  readonly qkNorm?: "none" | "rms";
  /** Added to the mean square in qkNorm. Default 1e-6. */
  readonly eps?: number;
  /** First values of the four projections. Default: PyTorch's. */
  readonly init?: {
    readonly q?: LayerInit;
    readonly k?: LayerInit;
    readonly v?: LayerInit;
    readonly out?: LayerInit;
  };
}

/** What one call attends to. */
export interface AttentionInputs {
  /** Tokens that give the keys [B, S, contextDim]. Default: the queries' own tokens. */
  readonly context?: Tensor;
  /** Tokens that give the values [B, S, contextDim]. Default: those that give the keys. */
  readonly values?: Tensor;
  /** Which keys may be read: bool [B, S], true = yes. */
  readonly keyMask?: Tensor;
  /** Turns queries by their positions; also keys, unless `keyRotary` is given. */
  readonly rotary?: RotaryTable;
  /** Turns keys, where their positions are not the queries'. */
  readonly keyRotary?: RotaryTable;
  /** Whether token i reads only tokens 0 … i. Default false; not together with keyMask. */
  readonly causal?: boolean;
}

/** Multi-head self- or cross-attention. */
export class Attention {
  /** To queries. */
  readonly toQ: Linear;
  /** To keys. */
  readonly toK: Linear;
  /** To values. */
  readonly toV: Linear;
  /** Back to the tokens' width. */
  readonly toOut: Linear;
  readonly #normQ: RmsNorm | undefined;
  readonly #normK: RmsNorm | undefined;
  readonly #heads: number;
  readonly #headDim: number;

  /**
   * Registers the layer's variables in `vars`.
   *
   * @throws ConfigError when the width does not split into the heads
   */
  constructor(vars: Vars, dim: number, heads: number, options: AttentionOptions = {}) {
    const { contextDim = dim, innerDim = dim, outDim = dim, bias = true, outBias = true } = options;
    const { qkNorm = "none", eps = 1e-6, init = {} } = options;
    if (innerDim % heads !== 0) {
      throw new ConfigError(`width ${innerDim} does not split into ${heads} heads`);
    }
    this.#heads = heads;
    this.#headDim = innerDim / heads;
    this.toQ = new Linear(vars.sub("to_q"), dim, innerDim, { bias, init: init.q });
    this.toK = new Linear(vars.sub("to_k"), contextDim, innerDim, { bias, init: init.k });
    this.toV = new Linear(vars.sub("to_v"), contextDim, innerDim, { bias, init: init.v });
    this.toOut = new Linear(vars.sub("to_out.0"), innerDim, outDim, {
      bias: outBias,
      init: init.out,
    });
    if (qkNorm === "rms") {
      this.#normQ = new RmsNorm(vars.sub("norm_q"), this.#headDim, { eps });
      this.#normK = new RmsNorm(vars.sub("norm_k"), this.#headDim, { eps });
    }
  }

  /** Tokens [B, L, dim] → [B, L, outDim]. Softmax runs in float32 inside the fused kernel. */
  forward(x_BLD: Tensor, inputs: AttentionInputs = {}): Tensor {
    const { context = x_BLD, rotary, keyMask, causal = false } = inputs;
    const { values = context, keyRotary = rotary } = inputs;
    return scope(() => {
      const merged = scope(() => {
        const q_BNLH = this.#heading(x_BLD, this.toQ, { norm: this.#normQ, rotary });
        const k_BNSH = this.#heading(context, this.toK, { norm: this.#normK, rotary: keyRotary });
        const v_BNSH = this.#heading(values, this.toV);
        const mask = keyMask && unsqueeze(unsqueeze(keyMask, 1), 1);
        const out_BNLH = attend(q_BNLH, k_BNSH, v_BNSH, { mask, causal });
        const [b, l] = x_BLD.shape;
        return reshape(transpose(out_BNLH, 1, 2), [b, l, this.#heads * this.#headDim]);
      });
      return this.toOut.forward(merged);
    });
  }

  /** Tokens [B, L, C] through a projection → [B, N, L, H], normalised and turned. */
  #heading(
    x: Tensor,
    projection: Linear,
    { norm, rotary }: { readonly norm?: RmsNorm; readonly rotary?: RotaryTable } = {},
  ): Tensor {
    const [b, l] = x.shape;
    return scope(() => {
      const wide = reshape(projection.forward(x), [b, l, this.#heads, this.#headDim]);
      const split = transpose(wide, 1, 2);
      const normed = norm ? norm.forward(split) : split;
      return rotary ? applyRotary(normed, rotary) : normed;
    });
  }
}
