// B clips, C channels, T frames, H height, W width, D features

/**
 * This project's own video network: factorised 3D convolutions, small enough to be shipped.
 * @module
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { Conv3d, GroupNorm, type Vars } from "../../nn/mod.ts";
import { mean, relu, scope, type Tensor } from "../../tensor/mod.ts";

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

/** One stage: 1×3×3 that halves the picture, then 3×1×1, each with GroupNorm and ReLU. */
class Stage {
  readonly #parts: readonly ((x: Tensor) => Tensor)[];

  constructor(vars: Vars, inC: number, outC: number, halveTime: boolean) {
    const space = new Conv3d(vars.sub("space"), inC, outC, {
      kernel: [1, 3, 3],
      stride: [1, 2, 2],
      padding: [0, 1, 1],
    });
    const time = new Conv3d(vars.sub("time"), outC, outC, {
      kernel: [3, 1, 1],
      stride: [halveTime ? 2 : 1, 1, 1],
      padding: [1, 0, 0],
    });
    const norms = ["space_norm", "time_norm"].map((name) => new GroupNorm(vars.sub(name), 8, outC));
    this.#parts = [space, norms[0], { forward: relu }, time, norms[1], { forward: relu }]
      .map((part) => (x) => part.forward(x));
  }

  forward(x: Tensor): Tensor {
    return scope(() => this.#parts.reduce((y, part) => part(y), x));
  }
}

/** Clips to vectors; what they mean is what the net was trained to tell of rendered people. */
export class SynthVideoNet {
  readonly config: SynthVideoNetConfig;
  readonly #stages: readonly Stage[];

  /** Registers `stages.i.space.…` and so on in `vars`. */
  constructor(vars: Vars, config: SynthVideoNetConfig) {
    this.config = config;
    const stages = vars.sub("stages");
    this.#stages = config.channels.map((outC, i) =>
      new Stage(stages.sub(i), i === 0 ? 3 : config.channels[i - 1], outC, i < 2)
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
      const maps = this.#stages.reduce((x, stage) => stage.forward(x), clips);
      return mean(maps, { dim: [2, 3, 4] });
    });
  }
}
