/**
 * Convolutions over images [B,C,H,W] and clips [B,C,F,H,W].
 * @module
 */

import { pad, scope, type Tensor } from "../tensor/mod.ts";
import { biasUniform, kaimingUniform } from "./init.ts";
import type { LayerInit } from "./linear.ts";
import { convolve2d, convolve3d } from "./meta.ts";
import type { Vars } from "./vars.ts";

/** One number for both axes, or [height, width]. */
export type Size2 = number | readonly [number, number];

/** One number for all axes, or [time, height, width]. */
export type Size3 = number | readonly [number, number, number];

/** Options of a convolution. */
export interface ConvOptions<Size> {
  /** Kernel size. */
  readonly kernel: Size;
  /** Default 1. */
  readonly stride?: Size;
  /** Zeros added on both sides. Default 0. */
  readonly padding?: Size;
  /** Default 1. */
  readonly dilation?: Size;
  /** Default 1. */
  readonly groups?: number;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** First values. Default: PyTorch's. */
  readonly init?: LayerInit;
}

/** Options of {@link Conv2d}. */
export type Conv2dOptions = ConvOptions<Size2>;

/** Options of {@link Conv3d}. */
export type Conv3dOptions = ConvOptions<Size3>;

interface ConvCall {
  readonly stride: number[];
  readonly padding: number[];
  readonly dilation: number[];
  readonly groups: number;
}

function callOf<Size>(
  { stride, padding, dilation, groups = 1 }: ConvOptions<Size>,
  each: (size: Size | number) => number[],
): ConvCall {
  return {
    stride: each(stride ?? 1),
    padding: each(padding ?? 0),
    dilation: each(dilation ?? 1),
    groups,
  };
}

/** Both numbers of a {@link Size2}. */
export function pair(size: Size2): [number, number] {
  return typeof size === "number" ? [size, size] : [size[0], size[1]];
}

/** All three numbers of a {@link Size3}. */
export function triple(size: Size3): [number, number, number] {
  return typeof size === "number" ? [size, size, size] : [size[0], size[1], size[2]];
}

/** Registers `weight` and `bias` of a convolution, with PyTorch's first values unless told. */
export function convVariables(
  vars: Vars,
  shape: readonly number[],
  options: { readonly bias?: boolean; readonly init?: LayerInit },
): { weight: Tensor; bias: Tensor | undefined } {
  const { bias = true, init = {} } = options;
  const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
  return {
    weight: vars.factor("weight", shape, init.weight ?? kaimingUniform(fanIn)),
    bias: bias ? vars.factor("bias", [shape[0]], init.bias ?? biasUniform(fanIn)) : undefined,
  };
}

/** 2D convolution. Variables: `weight` [outC, inC/groups, kh, kw], `bias` [outC]. */
export class Conv2d {
  /** [outC, inC/groups, kh, kw]. */
  readonly weight: Tensor;
  /** [outC], if any. */
  readonly bias: Tensor | undefined;
  readonly #call: ConvCall;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, inC: number, outC: number, options: Conv2dOptions) {
    this.#call = callOf<Size2>(options, pair);
    const shape = [outC, inC / this.#call.groups, ...pair(options.kernel)];
    ({ weight: this.weight, bias: this.bias } = convVariables(vars, shape, options));
  }

  /** [B, inC, H, W] → [B, outC, H', W']. */
  forward(x: Tensor): Tensor {
    return convolve2d(x, this.weight, { bias: this.bias, ...this.#call });
  }
}

/** 3D convolution, not causal. Variables: `weight` [outC, inC/groups, kt, kh, kw], `bias` [outC]. */
export class Conv3d {
  /** [outC, inC/groups, kt, kh, kw]. */
  readonly weight: Tensor;
  /** [outC], if any. */
  readonly bias: Tensor | undefined;
  readonly #call: ConvCall;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, inC: number, outC: number, options: Conv3dOptions) {
    this.#call = callOf<Size3>(options, triple);
    const shape = [outC, inC / this.#call.groups, ...triple(options.kernel)];
    ({ weight: this.weight, bias: this.bias } = convVariables(vars, shape, options));
  }

  /** [B, inC, F, H, W] → [B, outC, F', H', W']. */
  forward(x: Tensor): Tensor {
    const { padding: [past, ...sides], ...call } = this.#call;
    const options = { bias: this.bias, ...call };
    if (past === 0 || x.shape[2] >= this.weight.shape[2]) {
      return convolve3d(x, this.weight, { ...options, padding: [past, ...sides] });
    }
    // oneDNN leaves parts of the weight's bfloat16 gradient unset where a clip is shorter than the
    // kernel and oneDNN pads its time; with frames of zeros it does not.
    return scope(() => {
      const longer = pad(x, [0, 0, 0, 0, past, past]);
      return convolve3d(longer, this.weight, { ...options, padding: [0, ...sides] });
    });
  }
}
