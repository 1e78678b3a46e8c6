// B clips, C channels, T frames, H height, W width, D features

/**
 * This project's own video network: factorised 3D convolutions, small enough to be shipped.
 * @module
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { Conv3d, normalInit, type Vars, zeroInit } from "../../nn/mod.ts";
import {
  cat,
  expand,
  linspace,
  mean,
  relu,
  reshape,
  scope,
  type Tensor,
} from "../../tensor/mod.ts";

/** Sizes of a {@linkcode SynthVideoNet}. */
export const synthVideoNetConfig = z.strictObject({
  /** Channels of each stage; each halves the picture, and the first two halve time. */
  channels: z.tuple([z.int(), z.int(), z.int(), z.int()]).default([24, 48, 96, 192]),
  /** Frames of a clip. */
  frames: z.int().positive().default(16),
  /** Side of the square pictures. */
  size: z.int().positive().default(64),
});

/** Checked {@linkcode synthVideoNetConfig}. */
export type SynthVideoNetConfig = Readonly<z.infer<typeof synthVideoNetConfig>>;

/**
 * One stage: 1×3×3 that halves the picture, then 3×1×1, each with ReLU. There is no normalisation: it
 * would take away how bright a clip is, and what the mean over all places could tell.
 */
class Stage {
  readonly #layers: readonly Conv3d[];

  constructor(vars: Vars, inC: number, outC: number, halveTime: boolean) {
    this.#layers = [
      conv(vars.sub("space"), [inC, outC], {
        kernel: [1, 3, 3],
        stride: [1, 2, 2],
        padding: [0, 1, 1],
      }),
      conv(vars.sub("time"), [outC, outC], {
        kernel: [3, 1, 1],
        stride: [halveTime ? 2 : 1, 1, 1],
        padding: [1, 0, 0],
      }),
    ];
  }

  forward(x: Tensor): Tensor {
    return scope(() => this.#layers.reduce((y, layer) => relu(layer.forward(y)), x));
  }
}

/** First values that keep the size of what passes (He et al. 2015). */
function conv(
  vars: Vars,
  [inC, outC]: readonly [number, number],
  options: {
    readonly kernel: readonly [number, number, number];
    readonly stride: readonly [number, number, number];
    readonly padding: readonly [number, number, number];
  },
): Conv3d {
  const fanIn = inC * options.kernel.reduce((a, b) => a * b);
  const init = { weight: normalInit(Math.sqrt(2 / fanIn)), bias: zeroInit };
  return new Conv3d(vars, inC, outC, { ...options, init });
}

/** Colours and the three coordinates: without these a mean over all places knows of none. */
const INPUTS = 6;

/** Clips to vectors; what they mean is what the net was trained to tell of rendered people. */
export class SynthVideoNet {
  readonly config: SynthVideoNetConfig;
  readonly #stages: readonly Stage[];

  /** Registers `stages.i.space.…` and so on in `vars`. */
  constructor(vars: Vars, config: SynthVideoNetConfig) {
    this.config = config;
    const stages = vars.sub("stages");
    this.#stages = config.channels.map((outC, i) =>
      new Stage(stages.sub(i), i === 0 ? INPUTS : config.channels[i - 1], outC, i < 2)
    );
  }

  /** D. */
  get dimensions(): number {
    return this.config.channels[3];
  }

  /**
   * Clips [B,3,T,H,W] in −1..1 → features [B,D]: means over time and picture.
   *
   * @throws InputError for clips of another size
   */
  forward(clips: Tensor): Tensor {
    const { frames, size } = this.config;
    const [, , T, H, W] = clips.shape;
    if (T !== frames || H !== size || W !== size) {
      throw new InputError(`a clip of ${T}×${H}×${W}, expected ${frames}×${size}×${size}`);
    }
    return scope(() => {
      const maps = this.#stages.reduce((x, stage) => stage.forward(x), withPlaces(clips));
      return mean(maps, { dim: [2, 3, 4] });
    });
  }
}

/** [B,3,T,H,W] → [B,6,T,H,W]: time, height and width run from −1 to 1 beside the colours. */
function withPlaces(clips: Tensor): Tensor {
  const [B, , ...sizes] = clips.shape;
  return scope(() => {
    const places = sizes.map((size, axis) => {
      const line = linspace(-1, 1, size, { device: clips.device });
      const shape = [1, 1, 1, 1, 1].map((one, i) => i === axis + 2 ? size : one);
      return expand(reshape(line, shape), [B, 1, ...sizes]);
    });
    return cat([clips, ...places], 1);
  });
}
