import { type CausalConv3d, FrameGroupNorm, sequence, type Vars, zeroInit } from "../../nn/mod.ts";
import { silu, type Tensor } from "../../tensor/mod.ts";
import type { VideoVaeConfig } from "./config.ts";
import { conv3x3, MiddleBlock, NORM_EPS, ResnetBlock } from "./layers.ts";
import { unpatchify } from "./patches.ts";
import { SpaceUp, TimeUp } from "./resampling.ts";
import { convolve, type StreamState } from "./stream.ts";

/** Latents [B,C,1+m,h,w] → video [B,3,1+f·m,H,W]; layers as diffusers' Decoder, causal in time. */
export class Decoder {
  readonly #config: VideoVaeConfig;
  readonly #convIn: CausalConv3d;
  readonly #middle: MiddleBlock;
  readonly #levels: DecoderLevel[];
  readonly #norm: FrameGroupNorm;
  readonly #convOut: CausalConv3d;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, config: VideoVaeConfig) {
    const { patchSize, channels, normGroups: groups, timeKernels, middleTimeKernel } = config;
    const inner = channels[channels.length - 1];
    this.#config = config;
    this.#convIn = conv3x3(vars.sub("conv_in"), [config.latentChannels, inner], {
      timeKernel: middleTimeKernel,
    });
    this.#middle = new MiddleBlock(vars.sub("mid_block"), inner, {
      groups,
      timeKernel: middleTimeKernel,
      attention: config.middleAttention,
    });
    this.#levels = channels.map((_, i) =>
      new DecoderLevel(vars.sub("up_blocks").sub(i), channels.length - 1 - i, config)
    );
    this.#norm = new FrameGroupNorm(vars.sub("conv_norm_out"), groups, channels[0], {
      eps: NORM_EPS,
    });
    this.#convOut = conv3x3(vars.sub("conv_out"), [channels[0], 3 * patchSize ** 2], {
      timeKernel: timeKernels[0],
      init: config.skip === "pca" ? { weight: zeroInit, bias: zeroInit } : undefined,
    });
  }

  /** Before shift and scale; whole, or a chunk of `stream`. */
  forward(z: Tensor, stream?: StreamState): Tensor {
    return sequence(z, [
      (z) => convolve(this.#convIn, z, stream),
      (x) => this.#middle.forward(x, stream),
      ...this.#levels.map((level) => (x: Tensor) => level.forward(x, stream)),
      (x) => this.#norm.forward(x),
      silu,
      (x) => convolve(this.#convOut, x, stream),
      (x) => unpatchify(x, this.#config.patchSize),
    ]);
  }
}

/** A level of the decoder and the stage from it to the next finer one; mirrors the encoder's. */
class DecoderLevel {
  readonly #blocks: ResnetBlock[];
  readonly #timeUp: TimeUp | undefined;
  readonly #spaceUp: SpaceUp | undefined;

  /** `level` counts from the pixels, as in the configuration. */
  constructor(vars: Vars, level: number, config: VideoVaeConfig) {
    const { channels, timeKernels, normGroups: groups, blocksPerLevel } = config;
    const [timeKernel, outC] = [timeKernels[level], channels[level]];
    this.#blocks = Array.from({ length: blocksPerLevel + 1 }, (_, i) => {
      const inC = i === 0 ? channels[Math.min(channels.length - 1, level + 1)] : outC;
      return new ResnetBlock(vars.sub("resnets").sub(i), [inC, outC], { groups, timeKernel });
    });
    const stage = level > 0 ? config.stages[level - 1] : undefined;
    if (stage?.time === 2) this.#timeUp = new TimeUp(vars.sub("time_upsampler"), outC);
    if (stage?.space === 2) {
      this.#spaceUp = new SpaceUp(vars.sub("upsamplers.0"), outC, timeKernel);
    }
  }

  forward(x: Tensor, stream?: StreamState): Tensor {
    return sequence(x, [
      ...this.#blocks.map((block) => (x: Tensor) => block.forward(x, stream)),
      (x) => this.#timeUp?.forward(x, stream) ?? x,
      (x) => this.#spaceUp?.forward(x, stream) ?? x,
    ]);
  }
}
