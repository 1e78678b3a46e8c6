import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { priorDecoderConfig } from "./prior_decoder.ts";

const positive = z.int().positive();

/** How two neighbouring levels of encoder and decoder differ: in space, in time, or in both. */
const stage = z.strictObject({
  /** Spatial factor. */
  space: z.union([z.literal(1), z.literal(2)]),
  /** Temporal factor; frame 0 always stays alone. */
  time: z.union([z.literal(1), z.literal(2)]),
});

/**
 * Every number of a VideoVAE. The names of SD3's image VAE are `channels` = block_out_channels,
 * `blocksPerLevel` = layers_per_block, `latentShift` = shift_factor, `latentScale` = scaling_factor.
 * @internal
 */
export const videoVaeConfig = z.strictObject({
  latentChannels: positive.default(16),
  /** Side of the squares of pixels that are folded into channels before the first convolution. */
  patchSize: positive.default(1),
  /** Channels of the levels, from the pixels to the latents. */
  channels: z.array(positive).min(1),
  /** Stages between the levels, one less than levels. */
  stages: z.array(stage),
  /** Residual blocks of an encoder level; a decoder level has one more. */
  blocksPerLevel: positive,
  /** Temporal kernel size of each level's convolutions. */
  timeKernels: z.array(positive),
  /** Temporal kernel size of the convolutions at the latents' resolution (middle, in, out). */
  middleTimeKernel: positive,
  normGroups: positive,
  /** Whether each frame attends to itself in the middle. */
  middleAttention: z.boolean(),
  /** "pca": a fitted linear map carries the latent, and the nets add to it. */
  skip: z.enum(["pca", "none"]).default("none"),
  /**
   * Whether the linear encoder's window reaches beyond its block, s/2 pixels to each side and f frames
   * back: a lapped transform. It holds more than the components of blocks do.
   */
  lapped: z.boolean().default(false),
  /** Whether training moves the linear maps; else they stay as they were fitted. */
  trainLinear: z.boolean().default(false),
  /** Whether the encoder net is there; without it the latent is the PCA's own. */
  encoderResidual: z.boolean().default(true),
  /** Whether the decoder net is there. */
  decoderResidual: z.boolean().default(true),
  /** A decoder on top that sees the prior, the body painted with the reference's pixels; absent: none. */
  priorDecoder: priorDecoderConfig.optional(),
  /** Latents are given out as (z − latentShift) · latentScale. */
  latentShift: z.number().default(0),
  latentScale: z.number().positive().default(1),
});

/** A checked VideoVAE configuration. */
export type VideoVaeConfig = Readonly<(typeof videoVaeConfig)["_output"]>;

/** Checks `config` and fills defaults; throws {@linkcode ConfigError} with the numbers at fault. */
export function parseVideoVaeConfig(config: unknown): VideoVaeConfig {
  const parsed = videoVaeConfig.safeParse(config);
  if (!parsed.success) throw new ConfigError(`VideoVAE config: ${z.prettifyError(parsed.error)}`);
  const { channels, stages, timeKernels, normGroups, skip } = parsed.data;
  const fail = (problem: string): never => {
    throw new ConfigError(`VideoVAE config: ${problem}`);
  };
  if (stages.length !== channels.length - 1) {
    fail(`${channels.length} levels need ${channels.length - 1} stages, found ${stages.length}`);
  }
  if (timeKernels.length !== channels.length) {
    fail(`${channels.length} levels need as many timeKernels, found ${timeKernels.length}`);
  }
  for (const width of channels) {
    if (width % normGroups !== 0) {
      fail(`${width} channels do not split into ${normGroups} normGroups`);
    }
  }
  if (skip === "none" && !(parsed.data.encoderResidual && parsed.data.decoderResidual)) {
    fail('without skip "pca" both encoderResidual and decoderResidual must be true');
  }
  if (skip === "none" && (parsed.data.lapped || parsed.data.trainLinear)) {
    fail('lapped and trainLinear need skip "pca"');
  }
  return parsed.data;
}

/** Pixels of a latent position's side: 8 in all presets. */
export function spatialFactor({ patchSize, stages }: VideoVaeConfig): number {
  return stages.reduce((factor, { space }) => factor * space, patchSize);
}

/** f_t, frames of one latent after the first: 4 in all presets. */
export function temporalFactor({ stages }: VideoVaeConfig): number {
  return stages.reduce((factor, { time }) => factor * time, 1);
}

const smallNets = {
  // All at the latents' resolution, where a convolution is cheap and sees far.
  patchSize: 8,
  channels: [64, 80, 96],
  stages: [{ space: 1, time: 2 }, { space: 1, time: 2 }],
  blocksPerLevel: 1,
  timeKernels: [1, 1, 2],
  middleTimeKernel: 2,
  normGroups: 16,
  middleAttention: false,
  skip: "pca",
};

/** Named configurations. */
export const videoVaePresets = {
  /** SD3's image VAE inflated (ISA4D section 4): its layers, 84M parameters in 2D. */
  sd3: parseVideoVaeConfig({
    channels: [128, 256, 512, 512],
    stages: [{ space: 2, time: 1 }, { space: 2, time: 2 }, { space: 2, time: 2 }],
    blocksPerLevel: 2,
    timeKernels: [3, 3, 3, 3],
    middleTimeKernel: 3,
    normGroups: 32,
    middleAttention: true,
    latentShift: 0.0609,
    latentScale: 1.5305,
  }),
  /** The shipped one: PCA latent, decoder net on top; trains on two CPU cores. */
  small: parseVideoVaeConfig({ ...smallNets, encoderResidual: false }),
  /** As `small`, with an encoder net, which moves the latent away from the PCA's. */
  "small-full": parseVideoVaeConfig(smallNets),
  /** The linear latent alone, lapped and trained by gradient from the PCA on. */
  lapped: parseVideoVaeConfig({
    ...smallNets,
    encoderResidual: false,
    decoderResidual: false,
    lapped: true,
    trainLinear: true,
  }),
  /** The shipped one: the lapped latent, and a decoder that corrects the painted body. */
  prior: parseVideoVaeConfig({
    ...smallNets,
    encoderResidual: false,
    decoderResidual: false,
    lapped: true,
    trainLinear: true,
    priorDecoder: {},
  }),
  /** The linear latent alone. */
  pca: parseVideoVaeConfig({ ...smallNets, encoderResidual: false, decoderResidual: false }),
  /** For tests: seconds on one core. */
  tiny: parseVideoVaeConfig({
    channels: [8, 8, 16, 16],
    stages: [{ space: 2, time: 1 }, { space: 2, time: 2 }, { space: 2, time: 2 }],
    blocksPerLevel: 1,
    timeKernels: [3, 3, 3, 3],
    middleTimeKernel: 3,
    normGroups: 4,
    middleAttention: true,
    latentChannels: 4,
  }),
} as const satisfies Record<string, VideoVaeConfig>;
