// B batch, C channels, F frames, H height, W width

/**
 * Layers of SD3's image VAE made causal in time, with the names that diffusers gives them on disk.
 * @module
 */
import {
  Attention,
  CausalConv3d,
  FrameGroupNorm,
  GroupNorm,
  type LayerInit,
  sequence,
  type Vars,
} from "../../nn/mod.ts";
import { add, pad, reshape, scope, silu, type Tensor, transpose } from "../../tensor/mod.ts";
import { convolve, type StreamState } from "./stream.ts";

/** Added to the variance in every norm of SD3's VAE. */
export const NORM_EPS = 1e-6;

/** A 3×3 causal convolution that keeps the size. What stands before frame 0 is frame 0 again. */
export function conv3x3(
  vars: Vars,
  [inC, outC]: readonly [number, number],
  options: { readonly timeKernel: number; readonly init?: LayerInit },
): CausalConv3d {
  return new CausalConv3d(vars, inC, outC, {
    kernel: [options.timeKernel, 3, 3],
    padding: 1,
    timePadding: "replicate",
    init: options.init,
  });
}

/** norm → SiLU → conv, twice, around a skip. [B,C,F,H,W] → [B,C',F,H,W]. */
export class ResnetBlock {
  readonly #norm1: FrameGroupNorm;
  readonly #conv1: CausalConv3d;
  readonly #norm2: FrameGroupNorm;
  readonly #conv2: CausalConv3d;
  readonly #shortcut: CausalConv3d | undefined;

  /** Registers the layer's variables in `vars`. */
  constructor(
    vars: Vars,
    [inC, outC]: readonly [number, number],
    { groups, timeKernel }: { readonly groups: number; readonly timeKernel: number },
  ) {
    const norm = { eps: NORM_EPS };
    this.#norm1 = new FrameGroupNorm(vars.sub("norm1"), groups, inC, norm);
    this.#conv1 = conv3x3(vars.sub("conv1"), [inC, outC], { timeKernel });
    this.#norm2 = new FrameGroupNorm(vars.sub("norm2"), groups, outC, norm);
    this.#conv2 = conv3x3(vars.sub("conv2"), [outC, outC], { timeKernel });
    this.#shortcut = inC === outC
      ? undefined
      : new CausalConv3d(vars.sub("conv_shortcut"), inC, outC, { kernel: 1 });
  }

  /** [B,C,F,H,W] → [B,C',F,H,W]. */
  forward(x: Tensor, stream?: StreamState): Tensor {
    return scope(() => {
      const update = sequence(x, [
        (x) => this.#norm1.forward(x),
        silu,
        (x) => convolve(this.#conv1, x, stream),
        (x) => this.#norm2.forward(x),
        silu,
        (x) => convolve(this.#conv2, x, stream),
      ]);
      return add(this.#shortcut ? convolve(this.#shortcut, x, stream) : x, update);
    });
  }
}

/** Single-head self-attention of each frame by itself: over time it would break causality. */
export class FrameAttention {
  readonly #norm: GroupNorm;
  readonly #attention: Attention;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, channels: number, groups: number) {
    this.#norm = new GroupNorm(vars.sub("group_norm"), groups, channels, { eps: NORM_EPS });
    this.#attention = new Attention(vars, channels, 1);
  }

  /** [B,C,F,H,W] → the same shape. */
  forward(x: Tensor): Tensor {
    return scope(() => {
      const [B, C, F, H, W] = x.shape;
      const update = sequence(x, [
        (x) => reshape(transpose(x, 1, 2), [B * F, C, H * W]),
        (frames) => transpose(this.#norm.forward(frames), 1, 2),
        (tokens) => transpose(this.#attention.forward(tokens), 1, 2),
        (update) => transpose(reshape(update, [B, F, C, H, W]), 1, 2),
      ]);
      return add(x, update);
    });
  }
}

/** The middle of encoder and decoder: block, attention, block. */
export class MiddleBlock {
  readonly #first: ResnetBlock;
  readonly #attention: FrameAttention | undefined;
  readonly #second: ResnetBlock;

  /** Registers the layer's variables in `vars`. */
  constructor(
    vars: Vars,
    channels: number,
    { groups, timeKernel, attention }: {
      readonly groups: number;
      readonly timeKernel: number;
      readonly attention: boolean;
    },
  ) {
    const sizes = { groups, timeKernel };
    this.#first = new ResnetBlock(vars.sub("resnets.0"), [channels, channels], sizes);
    this.#attention = attention
      ? new FrameAttention(vars.sub("attentions.0"), channels, groups)
      : undefined;
    this.#second = new ResnetBlock(vars.sub("resnets.1"), [channels, channels], sizes);
  }

  /** [B,C,F,H,W] → the same shape. */
  forward(x: Tensor, stream?: StreamState): Tensor {
    return sequence(x, [
      (x) => this.#first.forward(x, stream),
      (x) => this.#attention?.forward(x) ?? x,
      (x) => this.#second.forward(x, stream),
    ]);
  }
}

/** Halves height and width: 3×3, stride 2, padded right and below only, as SD3 does. */
export class SpaceDown {
  readonly #conv: CausalConv3d;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, channels: number, timeKernel: number) {
    this.#conv = new CausalConv3d(vars.sub("conv"), channels, channels, {
      kernel: [timeKernel, 3, 3],
      stride: [1, 2, 2],
      timePadding: "replicate",
    });
  }

  /** [B,C,F,H,W] → [B,C,F,H/2,W/2]. */
  forward(x: Tensor, stream?: StreamState): Tensor {
    return scope(() => convolve(this.#conv, pad(x, [0, 1, 0, 1]), stream));
  }
}
