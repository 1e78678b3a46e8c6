import { type CausalConv3d, FrameGroupNorm, sequence, type Vars, zeroInit } from "../../nn/mod.ts";
import { cat, full, reshape, scope, silu, type Tensor, zeros } from "../../tensor/mod.ts";
import type { VideoVaeConfig } from "./config.ts";
import { conv3x3, MiddleBlock, NORM_EPS, ResnetBlock, SpaceDown } from "./layers.ts";
import { patchify } from "./patches.ts";
import { TimeDown } from "./resampling.ts";
import { convolve, type StreamState } from "./stream.ts";

/** Log variance where the nets start out silent: a standard deviation of 0.08. */
const INITIAL_LOGVAR = -5;

/** Video [B,3,1+f·m,H,W] → moments [B,2C,1+m,h,w]; layers as diffusers' Encoder, causal in time. */
export class Encoder {
  readonly #config: VideoVaeConfig;
  readonly #convIn: CausalConv3d;
  readonly #levels: EncoderLevel[];
  readonly #middle: MiddleBlock;
  readonly #norm: FrameGroupNorm;
  readonly #convOut: CausalConv3d;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, config: VideoVaeConfig) {
    const { patchSize, channels, normGroups: groups, timeKernels, middleTimeKernel } = config;
    const inner = channels[channels.length - 1];
    this.#config = config;
    this.#convIn = conv3x3(vars.sub("conv_in"), [3 * patchSize ** 2, channels[0]], {
      timeKernel: timeKernels[0],
    });
    this.#levels = channels.map((_, i) =>
      new EncoderLevel(vars.sub("down_blocks").sub(i), i, config)
    );
    this.#middle = new MiddleBlock(vars.sub("mid_block"), inner, {
      groups,
      timeKernel: middleTimeKernel,
      attention: config.middleAttention,
    });
    this.#norm = new FrameGroupNorm(vars.sub("conv_norm_out"), groups, inner, { eps: NORM_EPS });
    this.#convOut = conv3x3(vars.sub("conv_out"), [inner, 2 * config.latentChannels], {
      timeKernel: middleTimeKernel,
      init: config.skip === "pca" ? silent(config.latentChannels) : undefined,
    });
  }

  /** Whole groups of frames, or a chunk of `stream`. */
  forward(x: Tensor, stream?: StreamState): Tensor {
    return sequence(x, [
      (x) => patchify(x, this.#config.patchSize),
      (x) => convolve(this.#convIn, x, stream),
      ...this.#levels.map((level) => (x: Tensor) => level.forward(x, stream)),
      (x) => this.#middle.forward(x, stream),
      (x) => this.#norm.forward(x),
      silu,
      (x) => convolve(this.#convOut, x, stream),
    ]);
  }
}

class EncoderLevel {
  readonly #blocks: ResnetBlock[];
  readonly #spaceDown: SpaceDown | undefined;
  readonly #timeDown: TimeDown | undefined;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, level: number, config: VideoVaeConfig) {
    const { channels, timeKernels, normGroups: groups, blocksPerLevel } = config;
    const [timeKernel, outC] = [timeKernels[level], channels[level]];
    this.#blocks = Array.from({ length: blocksPerLevel }, (_, i) => {
      const inC = i === 0 ? channels[Math.max(0, level - 1)] : outC;
      return new ResnetBlock(vars.sub("resnets").sub(i), [inC, outC], { groups, timeKernel });
    });
    const stage = config.stages.at(level);
    if (stage?.space === 2) {
      this.#spaceDown = new SpaceDown(vars.sub("downsamplers.0"), outC, timeKernel);
    }
    if (stage?.time === 2) this.#timeDown = new TimeDown(vars.sub("time_downsampler"), outC);
  }

  forward(x: Tensor, stream?: StreamState): Tensor {
    return sequence(x, [
      ...this.#blocks.map((block) => (x: Tensor) => block.forward(x, stream)),
      (x) => this.#spaceDown?.forward(x, stream) ?? x,
      (x) => this.#timeDown?.forward(x, stream) ?? x,
    ]);
  }
}

/** Nothing added to the mean, and a small variance. */
function silent(latentChannels: number) {
  return {
    weight: zeroInit,
    bias: {
      kind: "computed" as const,
      make: () =>
        scope(() => {
          const logvar = full([latentChannels], INITIAL_LOGVAR);
          return reshape(cat([zeros([latentChannels]), logvar], 0), [2 * latentChannels]);
        }),
    },
  };
}
