/**
 * Normalisations. Their arithmetic is in float32 whatever the input's type, and the result has the
 * input's type again.
 * @module
 */

import { ConfigError } from "../errors.ts";
import {
  groupNorm,
  layerNorm,
  reshape,
  rmsNorm,
  scope,
  type Tensor,
  transpose,
} from "../tensor/mod.ts";
import { modulatedNorm } from "./fusion.ts";
import { oneInit, zeroInit } from "./init.ts";
import { asFloat32, inFloat32 } from "./precision.ts";
import type { Vars } from "./vars.ts";

/** Options of {@link LayerNorm}. */
export interface LayerNormOptions {
  /** Whether there is a learned scale and shift. Default true. */
  readonly affine?: boolean;
  /** Whether the affine part has a shift. Default true. */
  readonly bias?: boolean;
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
}

function optionalFloat32(x: Tensor | undefined): Tensor | undefined {
  return x && asFloat32(x);
}

/** LayerNorm over the last dimension. Variables if affine: `weight` [dim], `bias` [dim]. */
export class LayerNorm {
  /** [dim], if affine. */
  readonly weight: Tensor | undefined;
  /** [dim], if affine with a shift. */
  readonly bias: Tensor | undefined;
  readonly #dim: number;
  readonly #eps: number;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, dim: number, options: LayerNormOptions = {}) {
    const { affine = true, bias = true, eps = 1e-5 } = options;
    this.weight = affine ? vars.parameter("weight", [dim], oneInit) : undefined;
    this.bias = affine && bias ? vars.parameter("bias", [dim], zeroInit) : undefined;
    this.#dim = dim;
    this.#eps = eps;
  }

  /** [..., dim] → [..., dim]. */
  forward(x: Tensor): Tensor {
    return inFloat32(x, (x) =>
      layerNorm(x, [this.#dim], {
        weight: optionalFloat32(this.weight),
        bias: optionalFloat32(this.bias),
        eps: this.#eps,
      }));
  }

  /**
   * [..., dim] → norm·(1 + scale) + shift with broadcasting, as adaptive norms are. Only of a norm that
   * is not affine. Within `autocast` the result may have the dtype of products already.
   *
   * @throws ConfigError when the norm has weights of its own
   */
  modulated(
    x: Tensor,
    { shift, scale }: { readonly shift: Tensor; readonly scale: Tensor },
  ): Tensor {
    if (this.weight) throw new ConfigError("an affine norm is not modulated");
    return modulatedNorm(x, { shift, scale, eps: this.#eps });
  }
}

/** Options of {@link RmsNorm}. */
export interface RmsNormOptions {
  /** Whether there is a learned scale. Default true. */
  readonly affine?: boolean;
  /** Added to the mean square. Default 1e-6. */
  readonly eps?: number;
}

/** Division by the root mean square over the last dimension. Variable if affine: `weight` [dim]. */
export class RmsNorm {
  /** [dim], if affine. */
  readonly weight: Tensor | undefined;
  readonly #dim: number;
  readonly #eps: number;

  /** Registers the layer's variable in `vars`. */
  constructor(vars: Vars, dim: number, options: RmsNormOptions = {}) {
    const { affine = true, eps = 1e-6 } = options;
    this.weight = affine ? vars.parameter("weight", [dim], oneInit) : undefined;
    this.#dim = dim;
    this.#eps = eps;
  }

  /** [..., dim] → [..., dim]. */
  forward(x: Tensor): Tensor {
    return inFloat32(
      x,
      (x) => rmsNorm(x, [this.#dim], { weight: optionalFloat32(this.weight), eps: this.#eps }),
    );
  }
}

/** Options of {@link GroupNorm}. */
export interface GroupNormOptions {
  /** Whether there is a learned scale and shift per channel. Default true. */
  readonly affine?: boolean;
  /** Added to the variance. Default 1e-5; SD3's VAE has 1e-6. */
  readonly eps?: number;
}

/** GroupNorm over [B, channels, ...]. Variables if affine: `weight`, `bias` [channels]. */
export class GroupNorm {
  /** [channels], if affine. */
  readonly weight: Tensor | undefined;
  /** [channels], if affine. */
  readonly bias: Tensor | undefined;
  readonly #groups: number;
  readonly #eps: number;

  /**
   * Registers the layer's variables in `vars`.
   *
   * @throws ConfigError when the channels do not split into the groups
   */
  constructor(vars: Vars, groups: number, channels: number, options: GroupNormOptions = {}) {
    const { affine = true, eps = 1e-5 } = options;
    if (channels % groups !== 0) {
      throw new ConfigError(`${channels} channels do not split into ${groups} groups`);
    }
    this.weight = affine ? vars.parameter("weight", [channels], oneInit) : undefined;
    this.bias = affine ? vars.parameter("bias", [channels], zeroInit) : undefined;
    this.#groups = groups;
    this.#eps = eps;
  }

  /** [B, channels, ...] → the same shape; statistics over a group's channels and all other axes. */
  forward(x: Tensor): Tensor {
    return inFloat32(x, (x) =>
      groupNorm(x, this.#groups, {
        weight: optionalFloat32(this.weight),
        bias: optionalFloat32(this.bias),
        eps: this.#eps,
      }));
  }
}

/**
 * GroupNorm of each frame of a clip by itself: statistics over time would let a later frame change
 * an earlier one. Same variables as {@link GroupNorm}.
 */
export class FrameGroupNorm {
  readonly #norm: GroupNorm;

  /**
   * Registers the layer's variables in `vars`.
   *
   * @throws ConfigError when the channels do not split into the groups
   */
  constructor(vars: Vars, groups: number, channels: number, options: GroupNormOptions = {}) {
    this.#norm = new GroupNorm(vars, groups, channels, options);
  }

  /** [B, channels, F, H, W] → the same shape. */
  forward(x: Tensor): Tensor {
    return scope(() => {
      const [b, c, f, h, w] = x.shape;
      const frames = reshape(transpose(x, 1, 2), [b * f, c, h, w]);
      const normed = this.#norm.forward(frames);
      return transpose(reshape(normed, [b, f, c, h, w]), 1, 2);
    });
  }
}
