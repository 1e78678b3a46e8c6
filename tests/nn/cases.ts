/**
 * The layers that tests/fixtures/nn/make_layers.py writes a second time, case by case.
 * @module
 */

import {
  activate,
  type Activation,
  applyRotary,
  Attention,
  CausalConv3d,
  Conv2d,
  Conv3d,
  Embedding,
  FeedForward,
  FrameGroupNorm,
  GroupNorm,
  LayerNorm,
  Linear,
  Mlp,
  PatchEmbed,
  RmsNorm,
  Rotary1d,
  sinusoidalEmbedding,
  TimestepEmbedder,
  timestepEmbedding,
  type Vars,
} from "../../lib/nn/mod.ts";
import type { Tensor } from "../../lib/tensor/mod.ts";

/** A layer with its inputs by name. */
export type Forward = (inputs: Record<string, Tensor>) => Tensor;

/** One case of the fixture. */
export interface LayerCase {
  /** Registers the layer in `vars` and returns its forward pass. */
  readonly build: (vars: Vars) => Forward;
  /** Inputs are positions or times, which half precision cannot hold. */
  readonly float32Only?: boolean;
}

const plain = (layer: { forward(x: Tensor): Tensor }): Forward => ({ x }) => layer.forward(x);

const activations: readonly Activation[] = ["silu", "gelu", "relu", "tanh", "gelu_tanh"];

/** All cases by their name in the fixture. */
export const layerCases: Readonly<Record<string, LayerCase>> = {
  linear: { build: (vars) => plain(new Linear(vars, 5, 7)) },
  linear_no_bias: { build: (vars) => plain(new Linear(vars, 5, 3, { bias: false })) },
  embedding: {
    build: (vars) => {
      const layer = new Embedding(vars, 5, 4);
      return ({ indices }) => layer.forward(indices);
    },
  },
  conv2d: {
    build: (vars) =>
      plain(
        new Conv2d(vars, 4, 6, { kernel: [3, 2], stride: [2, 1], padding: [1, 0], groups: 2 }),
      ),
  },
  conv3d: {
    build: (vars) => plain(new Conv3d(vars, 3, 4, { kernel: 3, stride: [1, 2, 1], padding: 1 })),
  },
  causal_zeros: {
    build: (vars) => {
      const layer = new CausalConv3d(vars, 3, 4, { kernel: 3, stride: [1, 2, 2], padding: 1 });
      return ({ x }) => layer.forward(x).output;
    },
  },
  causal_replicate: {
    build: (vars) => {
      const layer = new CausalConv3d(vars, 3, 2, {
        kernel: 3,
        stride: [2, 1, 1],
        padding: 1,
        timePadding: "replicate",
      });
      return ({ x }) => layer.forward(x).output;
    },
  },
  layer_norm: { build: (vars) => plain(new LayerNorm(vars, 8)) },
  layer_norm_plain: {
    build: (vars) => plain(new LayerNorm(vars, 8, { affine: false, eps: 1e-6 })),
  },
  rms_norm: { build: (vars) => plain(new RmsNorm(vars, 8)) },
  group_norm: { build: (vars) => plain(new GroupNorm(vars, 3, 6)) },
  frame_group_norm: {
    build: (vars) => plain(new FrameGroupNorm(vars, 2, 4, { eps: 1e-6 })),
  },
  attention_self: { build: (vars) => plain(new Attention(vars, 12, 3)) },
  attention_cross: {
    build: (vars) => {
      const layer = new Attention(vars, 12, 2, { contextDim: 6, innerDim: 8, bias: false });
      return ({ x, context, values, mask }) => layer.forward(x, { context, values, keyMask: mask });
    },
  },
  attention_rotary: {
    build: (vars) => {
      const layer = new Attention(vars, 12, 2, { qkNorm: "rms" });
      const rotary = new Rotary1d(6);
      return ({ x }) => layer.forward(x, { rotary: rotary.table(5, { device: x.device }) });
    },
  },
  rotary: {
    build: () => ({ x }) => applyRotary(x, new Rotary1d(8).table(6, { device: x.device })),
  },
  feed_forward: { build: (vars) => plain(new FeedForward(vars, 6)) },
  mlp: { build: (vars) => plain(new Mlp(vars, 6, 4, { hiddenDim: 9 })) },
  timestep: { build: () => ({ t }) => timestepEmbedding(t, 16), float32Only: true },
  timestep_odd: { build: () => ({ t }) => timestepEmbedding(t, 7), float32Only: true },
  timestep_embedder: { build: (vars) => plain(new TimestepEmbedder(vars, 6, 8)) },
  sinusoidal: {
    build: () => ({ x }) => sinusoidalEmbedding(x, { frequencies: 4 }),
    float32Only: true,
  },
  sinusoidal_max: {
    build: () => ({ x }) => sinusoidalEmbedding(x, { frequencies: 3, maxFrequency: 5, width: 20 }),
    float32Only: true,
  },
  patch_embed: { build: (vars) => plain(new PatchEmbed(vars, 3, 8)) },
  ...Object.fromEntries(
    activations.map((name) => [
      `activation_${name}`,
      { build: (): Forward => ({ x }) => activate(x, name) },
    ]),
  ),
};
