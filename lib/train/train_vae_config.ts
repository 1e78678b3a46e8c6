import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { patchDiscriminatorConfig } from "../models/discriminators/mod.ts";
import { parseVideoVaeConfig, videoVaeConfig, videoVaePresets } from "../models/video_vae/mod.ts";
import { modelAbout } from "../models/state/mod.ts";
import { trainSettings } from "./settings.ts";

const share = z.number().min(0).max(1);

/** A VideoVAE training run. */
const vaeTrainConfig = z.strictObject({
  model: videoVaeConfig,
  settings: trainSettings,
  /** Who made the model, and under which licence it may be used; its files say so. */
  about: modelAbout.optional(),
  /** Clips of a step. */
  batch: z.int().positive().default(2),
  /** Side of the square crops. */
  size: z.int().positive().default(96),
  /** Frames of a training clip, 4n + 1. */
  frames: z.int().positive().default(17),
  /** Clips that the PCA is fitted on and the latents' scale is measured on, held in memory. */
  clips: z.int().positive().default(400),
  /** Single pictures beside clips: photographs, and frames of clips where a source has none. */
  images: z.strictObject({
    /** Share of the micro-batches that are pictures. */
    share: share.default(0),
    /** Pictures of such a micro-batch. */
    batch: z.int().positive().default(16),
  }).prefault({}),
  /** Real videos: pixels that their shorter sides are brought to; null: 1.5 · size. */
  videoSide: z.int().positive().nullable().default(null),
  /** Terms of the objective (ISA4D eq. 1–2). */
  loss: z.strictObject({
    absolute: z.number().nonnegative().default(1),
    square: z.number().nonnegative().default(5),
    kl: z.number().nonnegative().default(1e-6),
    imageDecoder: z.number().nonnegative().default(0.5),
    person: z.number().nonnegative().default(2),
    latentNoise: z.number().nonnegative().default(0.05),
    /** LPIPS, on `perceptualFrames` frames of each clip. */
    perceptual: z.number().nonnegative().default(0),
    perceptualFrames: z.int().positive().default(4),
    /** Adversarial terms of the discriminator of frames and of the one of videos. */
    gan2d: z.number().nonnegative().default(0),
    gan3d: z.number().nonnegative().default(0),
    /** First step in which the discriminators take part. */
    ganStart: z.int().nonnegative().default(0),
    /** Whether they are weighed so that their gradient is as large as the reconstruction's. */
    ganAdaptive: z.boolean().default(true),
    /** R1 penalty of the discriminators; 0 for none. */
    r1: z.number().nonnegative().default(0),
  }).prefault({}),
  /** Of both discriminators. */
  discriminator: patchDiscriminatorConfig.omit({ dims: true }).prefault({}),
  /** Structured motion and dynamic speed (ISA4D section 4). */
  augment: z.strictObject({
    /** Largest pan, pixels a frame in each direction. */
    pan: z.number().nonnegative().default(3),
    /** Largest frame step; 1 keeps the speed. */
    speed: z.number().min(1).default(2),
    /** Share of clips that pan or change speed at all. */
    share: share.default(0.5),
  }).prefault({}),
  /** Sheets of held-out clips and what is made of them, at every so-manieth checkpoint. */
  samples: z.strictObject({
    /** 0: no sheets. */
    clips: z.int().nonnegative().default(3),
    every: z.int().positive().default(1),
  }).prefault({}),
  /** How a decoder that knows the prior is trained, where the model has one. */
  prior: z.strictObject({
    /** Share of the clips whose decoder sees the prior alone; the others see part of the latent. */
    aloneShare: share.default(0.7),
    /**
     * Whether errors count as shares of the prior's own in the same clip, as they do in its PSNR; else
     * the clips that are far off decide for all.
     */
    relative: z.boolean().default(false),
    /** Share of the clips whose reference pose is off by some degrees, as estimated ones are. */
    perturbedShare: share.default(0.5),
  }).prefault({}),
  /** How the PCA is fitted where the model has one and no weights to begin with are given. */
  pca: z.strictObject({
    blocksPerClip: z.int().positive().default(256),
    personShare: share.default(0.5),
    stillShare: share.default(0.2),
    latentNoise: z.number().nonnegative().default(0.1),
  }).prefault({}),
});

/** Checked {@linkcode vaeTrainConfig}. */
export type VaeTrainConfig = Readonly<z.infer<typeof vaeTrainConfig>>;

/** Checks `config` and fills defaults; throws {@linkcode ConfigError} with the numbers at fault. */
export function parseVaeTrainConfig(config: unknown): VaeTrainConfig {
  const parsed = vaeTrainConfig.safeParse(config);
  if (!parsed.success) {
    throw new ConfigError(`VideoVAE training config: ${z.prettifyError(parsed.error)}`);
  }
  const { model, size, frames, videoSide } = parsed.data;
  if (size % 8 !== 0 || frames % 4 !== 1) {
    throw new ConfigError(
      `VideoVAE training config: size ${size} must be a multiple of 8 and frames ${frames} one more than a multiple of 4`,
    );
  }
  if (videoSide !== null && videoSide < size) {
    throw new ConfigError(
      `VideoVAE training config: videoSide ${videoSide} is smaller than size ${size}`,
    );
  }
  return { ...parsed.data, model: parseVideoVaeConfig(model) };
}

/** What both stages of the paper's run share ; SD3's VAE, inflated, is given by --init. */
const paper = {
  model: videoVaePresets.sd3,
  size: 256,
  images: { share: 0.2, batch: 8 },
  loss: {
    absolute: 1,
    square: 0,
    kl: 1e-6,
    imageDecoder: 0.5,
    person: 0,
    perceptual: 0.5,
    gan2d: 0.1,
    gan3d: 0.1,
    ganStart: 20_000,
  },
  augment: { pan: 8, speed: 4, share: 0.5 },
} as const;

/** Named training runs. */
export const vaeTrainPresets: Readonly<Record<string, VaeTrainConfig>> = {
  /** For tests: seconds. */
  tiny: parseVaeTrainConfig({
    model: videoVaePresets.tiny,
    settings: { steps: 4, learningRate: 1e-3, warmup: 2, checkpointEvery: 2 },
    size: 32,
    frames: 5,
    clips: 8,
    images: { batch: 2 },
  }),
  /** Fits the linear latent and stops. */
  pca: parseVaeTrainConfig({
    model: videoVaePresets.pca,
    settings: { steps: 1, learningRate: 1e-3 },
  }),
  /** The shipped VideoVAE: the linear latent, lapped, trained for latents that are not exact. */
  lapped: parseVaeTrainConfig({
    model: videoVaePresets.lapped,
    settings: {
      steps: 2000,
      learningRate: 2e-3,
      warmup: 30,
      decayShare: 0.7,
      weightDecay: 0,
      emaDecay: 0.99,
      checkpointEvery: 250,
      compute: "float32",
    },
    batch: 8,
    size: 112,
    clips: 1500,
    loss: { absolute: 0, square: 1, latentNoise: 0.2 },
    pca: { latentNoise: 0.2 },
  }),
  /** The decoder that knows the prior, on the latent of `--init`; only it is trained. */
  prior: parseVaeTrainConfig({
    model: videoVaePresets.prior,
    settings: {
      steps: 6000,
      learningRate: 5e-4,
      warmup: 100,
      decayShare: 0.6,
      emaDecay: 0.995,
      checkpointEvery: 250,
    },
    batch: 4,
    size: 128,
    frames: 5,
    loss: { absolute: 0, square: 1, person: 2 },
  }),
  /** A decoder net on the PCA latent. */
  small: parseVaeTrainConfig({
    model: videoVaePresets.small,
    settings: {
      steps: 1500,
      learningRate: 3e-4,
      warmup: 50,
      decayShare: 0.5,
      emaDecay: 0.995,
      checkpointEvery: 250,
    },
  }),
  /** Encoder and decoder nets around the PCA. */
  "small-full": parseVaeTrainConfig({
    model: videoVaePresets["small-full"],
    settings: { steps: 4000, learningRate: 3e-4, warmup: 100 },
    batch: 4,
  }),
  /** First stage of the paper's recipe: windows of 33 frames. For many GPUs. */
  paper: parseVaeTrainConfig({
    ...paper,
    settings: { steps: 200_000, learningRate: 1e-4, warmup: 1000, clipNorm: 1, emaDecay: 0.9995 },
    frames: 33,
    batch: 2,
  }),
  /** Second stage: 97 frames, from the first one's weights. */
  "paper-97": parseVaeTrainConfig({
    ...paper,
    settings: { steps: 50_000, learningRate: 5e-5, warmup: 1000, clipNorm: 1, emaDecay: 0.9995 },
    frames: 97,
    batch: 1,
    loss: { ...paper.loss, ganStart: 0 },
  }),
};
