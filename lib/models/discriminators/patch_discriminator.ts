// B batch, C channels, F frames, H height, W width

import { z } from "zod";
import { InputError } from "../../errors.ts";
import { Conv2d, Conv3d, GroupNorm, type Vars } from "../../nn/mod.ts";
import { leakyRelu, reshape, scope, type Tensor, transpose } from "../../tensor/mod.ts";

const positive = z.int().positive();

/** Every number of a {@linkcode PatchDiscriminator}. */
export const patchDiscriminatorConfig = z.strictObject({
  /** 2: every frame by itself; 3: the same layers with 3D convolutions (ISA4D section 4). */
  dims: z.union([z.literal(2), z.literal(3)]),
  /** Channels of the first layer; each level doubles them, up to eight times. */
  width: positive.default(64),
  /** Convolutions of stride 2. */
  levels: positive.default(3),
  normGroups: positive.default(8),
});

/** A checked {@linkcode patchDiscriminatorConfig}. */
export type PatchDiscriminatorConfig = Readonly<z.infer<typeof patchDiscriminatorConfig>>;

/** Slope of leaky ReLU below 0. */
const SLOPE = 0.2;

/**
 * PatchGAN's discriminator (Isola et al. 2017), in 2D or 3D: it judges overlapping patches, not whole
 * videos. Group norm stands in for batch norm, so that a judgement never depends on the rest of the
 * batch.
 *
 * Variables: `main.i.weight` and so on, i counting convolutions and norms.
 */
export class PatchDiscriminator {
  readonly #config: PatchDiscriminatorConfig;
  readonly #layers: readonly ((x: Tensor) => Tensor)[];

  /** Registers the layers in `vars`. */
  constructor(vars: Vars, config: PatchDiscriminatorConfig) {
    const { width, levels, normGroups } = config;
    const main = vars.sub("main");
    const layers: ((x: Tensor) => Tensor)[] = [];
    const add = <T extends { forward(x: Tensor): Tensor }>(make: (vars: Vars) => T): void => {
      const layer = make(main.sub(layers.length));
      layers.push((x) => layer.forward(x));
    };
    let channels = width;
    add((vars) => convolution(vars, [3, channels], { config, stride: 2 }));
    layers.push((x) => leakyRelu(x, { negativeSlope: SLOPE }));
    for (let level = 1; level <= levels; level++) {
      const wider = width * Math.min(2 ** level, 8);
      const narrower = channels;
      // The last of them keeps its size, as PatchGAN's does.
      const stride = level < levels ? 2 : 1;
      add((vars) => convolution(vars, [narrower, wider], { config, stride, bias: false }));
      add((vars) => new GroupNorm(vars, Math.min(normGroups, wider), wider));
      layers.push((x) => leakyRelu(x, { negativeSlope: SLOPE }));
      channels = wider;
    }
    add((vars) => convolution(vars, [channels, 1], { config, stride: 1 }));
    this.#config = config;
    this.#layers = layers;
  }

  /**
   * Video [B,3,F,H,W] → a judgement for each patch, [B·F,1,h,w] in 2D and [B,1,f,h,w] in 3D: above 0
   * real, below made.
   *
   * @throws InputError when the pictures are too small to hold one patch
   */
  forward(video: Tensor): Tensor {
    const [B, C, F, H, W] = video.shape;
    const smallest = 4 * 2 ** this.#config.levels;
    if (Math.min(H, W) < smallest) {
      throw new InputError(
        `a discriminator of ${this.#config.levels} levels needs ${smallest} pixels a side, found ${W}×${H}`,
      );
    }
    return scope(() => {
      let x = this.#config.dims === 3 ? video : reshape(transpose(video, 1, 2), [B * F, C, H, W]);
      for (const layer of this.#layers) x = layer(x);
      return x;
    });
  }
}

/** 4×4 in space; over time 3, which keeps frame counts 2m + 1 centred. */
function convolution(
  vars: Vars,
  [inC, outC]: readonly [number, number],
  { config, stride, bias = true }: {
    readonly config: PatchDiscriminatorConfig;
    readonly stride: 1 | 2;
    readonly bias?: boolean;
  },
): Conv2d | Conv3d {
  if (config.dims === 2) {
    return new Conv2d(vars, inC, outC, { kernel: 4, stride, padding: 1, bias });
  }
  return new Conv3d(vars, inC, outC, {
    kernel: [3, 4, 4],
    stride: [stride, stride, stride],
    padding: [1, 1, 1],
    bias,
  });
}
