import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { type Dropout, isaDitConfig, isaDitPresets } from "../models/isa_dit/mod.ts";
import { modelAbout } from "../models/state/mod.ts";
import { trainSettings } from "./settings.ts";

const share = z.number().min(0).max(1);

/** Everything that decides an ISA-DiT training run, besides where files lie. */
const ditTrainConfig = z.strictObject({
  model: isaDitConfig,
  settings: trainSettings,
  /** Who made the model, and under which licence it may be used; its files say so. */
  about: modelAbout.optional(),
  /**
   * Windows that steps train on; each step draws one kind, with its share of the draws. Short windows
   * teach what a frame looks like at a low price, long ones how frames follow each other.
   */
  windows: z.array(z.strictObject({
    /** Latent frames of a window. */
    latentFrames: z.int().positive(),
    /** Clips of a micro-batch of such windows. */
    batch: z.int().positive(),
    share: z.number().positive(),
  })).min(1),
  /** Share of windows that begin at frame 0; the others begin at a later latent. */
  firstWindowShare: share.default(0.5),
  /**
   * Trains low-rank parts beside the attention's frozen maps, and nothing else: a model learns one
   * person from a short clip, and what it learnt is a small file (LoRA).
   */
  lora: z.strictObject({
    rank: z.int().positive().default(8),
    /** The update counts alpha / rank. */
    alpha: z.number().positive().default(8),
  }).optional(),
  /**
   * "added": only what `--init` lacks learns, such as the views of a model that begins with a plain
   * one's weights; the plain model stays within it as it was.
   */
  trained: z.enum(["all", "added"]).default("all"),
  /**
   * Keeps only the tokens between the layers and computes each layer a second time for its gradients:
   * less memory, about a third more time.
   */
  activationCheckpointing: z.boolean().default(false),
  /** Flow shift of the training times; above 1, more noise. */
  flowShift: z.number().positive().default(1),
  /** Extra weight of the loss where the person is: a latent position all covered counts 1 + this. */
  personWeight: z.number().nonnegative().default(3),
  /** How often a condition is taken away, so that guidance and switches work. */
  dropout: z.strictObject(
    {
      /** Reference, body and maps together: guidance's unconditional branch. */
      subject: share.default(0.1),
      background: share.default(0.05),
      camera: share.default(0.05),
      /** The reference's body alone, as with `--ref-pose none`. */
      referencePose: share.default(0.05),
      /** The reference alone: its latent, its points and its picture are zero. */
      reference: share.default(0),
      /** The body alone: all its points are at the origin, and its maps are zero. */
      body: share.default(0),
    } satisfies Record<Dropout, z.ZodType>,
  ).prefault({}),
  /** Models that know several views learn on scenes that several cameras filmed. */
  grid: z.strictObject({
    /** Fewest and most views of a scene; at most as many as there are cameras. */
    views: z.tuple([z.int().min(1), z.int().min(1)])
      .refine(([least, most]) => least <= most, { error: "expected the fewest views first" })
      .default([2, 4]),
    /** Share of scenes one of whose views is given clean. */
    givenView: share.default(0.15),
    /** Share of windows from frame 0 on whose first latent is given clean in all views. */
    givenTime: share.default(0.15),
  }).prefault({}),
  /** How windows are cut from real videos; their latents are cached beside the index. */
  videos: z.strictObject({
    width: z.int().positive().default(128),
    height: z.int().positive().default(128),
    /** 4n + 1. */
    frames: z.int().positive().default(17),
    fps: z.number().positive().default(8),
  }).prefault({}),
  /** Sheets of held-out clips and what is made of them, at every so-manieth checkpoint. */
  samples: z.strictObject({
    /** 0: no sheets. */
    clips: z.int().nonnegative().default(3),
    every: z.int().positive().default(1),
    /** Of the sampler. */
    steps: z.int().positive().default(8),
    cfgScale: z.number().positive().default(2),
    /** Held-out clips whose pictures are measured at every checkpoint, beside the prior alone. */
    measured: z.int().nonnegative().default(0),
  }).prefault({}),
});

/** A checked {@linkcode ditTrainConfig}. */
export type DitTrainConfig = Readonly<z.infer<typeof ditTrainConfig>>;

/** Windows of the shipped models. */
const shippedWindows = [
  { latentFrames: 2, batch: 10, share: 0.7 },
  { latentFrames: 5, batch: 4, share: 0.3 },
];

/** A model that continues the shipped one with a part of its own, beside it (`--init`). */
const continued = {
  settings: {
    steps: 1500,
    // With 5e-4 held-out loss first rises above that of the weights that it begins with.
    learningRate: 2e-4,
    warmup: 100,
    decayShare: 0.6,
    emaDecay: 0.99,
    checkpointEvery: 250,
  },
  windows: shippedWindows,
};

/** What both stages of the paper's run share; the paper names the sizes, docs/scale.md the plan. */
const paper = {
  model: isaDitPresets["isa4d-4b"],
  settings: { warmup: 1000, decayShare: 0.1, emaDecay: 0.9995, checkpointEvery: 1000 },
  activationCheckpointing: true,
  personWeight: 0,
  flowShift: 3,
  dropout: { reference: 0.05, body: 0.05 },
  videos: { width: 1408, height: 768, fps: 24 },
} as const;

/** Low-rank parts that learn one person. */
const onePerson = {
  model: isaDitPresets.small,
  settings: {
    steps: 300,
    learningRate: 1e-3,
    warmup: 20,
    decayShare: 0.5,
    weightDecay: 0,
    emaDecay: 0.98,
    checkpointEvery: 100,
  },
  windows: [{ latentFrames: 2, batch: 4, share: 1 }],
  lora: {},
};

/** Ready configurations of `isa4d train dit --config`. */
export const ditTrainPresets: Readonly<Record<string, DitTrainConfig>> = {
  /** For tests: seconds. */
  tiny: ditTrainConfig.parse({
    model: isaDitPresets.tiny,
    settings: { steps: 4, learningRate: 1e-3, warmup: 2, checkpointEvery: 2 },
    windows: [{ latentFrames: 2, batch: 2, share: 1 }],
  }),
  /** One person, from a short clip, beside the shipped weights (`--init`). */
  "small-lora": ditTrainConfig.parse(onePerson),
  /** The same from photographs, each a clip of one frame. */
  "small-lora-photos": ditTrainConfig.parse({
    ...onePerson,
    windows: [{ latentFrames: 1, batch: 8, share: 1 }],
    videos: { frames: 1, fps: 1 },
  }),
  /** The shipped weights. */
  small: ditTrainConfig.parse({
    model: isaDitPresets.small,
    settings: {
      steps: 6000,
      learningRate: 1e-3,
      warmup: 200,
      decayShare: 0.4,
      emaDecay: 0.998,
      checkpointEvery: 250,
    },
    windows: shippedWindows,
  }),
  /** The same around the prior, on clips of 256×256. */
  "small-prior": ditTrainConfig.parse({
    model: isaDitPresets["small-prior"],
    settings: {
      steps: 10_000,
      learningRate: 8e-4,
      warmup: 200,
      decayShare: 0.4,
      emaDecay: 0.998,
      checkpointEvery: 250,
    },
    windows: shippedWindows,
    // Without one all tokens are worked on: seldom, since it is dear.
    dropout: { subject: 0.05, background: 0, camera: 0.03, referencePose: 0.01 },
    videos: { width: 256, height: 256, fps: 16 },
    samples: { steps: 8, cfgScale: 1, measured: 8, every: 4 },
  }),
  /** Spatially conditioned diffusion: the reference's own tokens in the denoiser. */
  "small-scd": ditTrainConfig.parse({ model: isaDitPresets["small-scd"], ...continued }),
  /** Swap attention, on whole clips more often: its windows are four latent frames long. */
  "small-swap": ditTrainConfig.parse({
    model: isaDitPresets["small-swap"],
    ...continued,
    windows: [
      { latentFrames: 2, batch: 10, share: 0.3 },
      { latentFrames: 5, batch: 4, share: 0.7 },
    ],
  }),
  /** Several views at once, on data sets of several cameras; a batch counts scenes. */
  "small-grid": ditTrainConfig.parse({
    model: isaDitPresets["small-grid"],
    ...continued,
    settings: { ...continued.settings, learningRate: 1e-3 },
    trained: "added",
    windows: [
      { latentFrames: 2, batch: 3, share: 0.7 },
      { latentFrames: 5, batch: 1, share: 0.3 },
    ],
  }),
  /** First stage of the paper's recipe: its 4B model on windows of 33 frames. For many GPUs. */
  paper: ditTrainConfig.parse({
    ...paper,
    settings: { ...paper.settings, steps: 200_000, learningRate: 1e-4 },
    windows: [{ latentFrames: 9, batch: 8, share: 1 }],
    videos: { ...paper.videos, frames: 33 },
  }),
  /** Second stage: 97 frames, from the first one's weights (`--init`). */
  "paper-97": ditTrainConfig.parse({
    ...paper,
    settings: { ...paper.settings, steps: 50_000, learningRate: 5e-5 },
    windows: [
      { latentFrames: 25, batch: 8, share: 0.7 },
      { latentFrames: 9, batch: 24, share: 0.3 },
    ],
    videos: { ...paper.videos, frames: 97 },
  }),
};

/** Checks a configuration read from a file; throws {@linkcode ConfigError}. */
export function parseDitTrainConfig(config: unknown): DitTrainConfig {
  const parsed = ditTrainConfig.safeParse(config);
  if (!parsed.success) {
    throw new ConfigError(`DiT training config: ${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}
