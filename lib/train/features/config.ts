import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { synthVideoNetConfig } from "../../models/video_features/mod.ts";
import { trainSettings } from "../settings.ts";

/** A training run of a feature network on rendered people, whose labels are known. */
const featuresTrainConfig = z.strictObject({
  /** Frames to the maps of a perceptual distance, or clips to the vectors of a Fréchet distance. */
  net: z.enum(["image", "video"]),
  settings: trainSettings,
  /** Frames or clips of a step. */
  batch: z.int().positive(),
  /** Clips held in memory, the first ones of the data set. */
  clips: z.int().positive(),
  /** The network of clips. */
  video: synthVideoNetConfig.prefault({}),
});

/** Checked {@linkcode featuresTrainConfig}. */
export type FeaturesTrainConfig = Readonly<z.infer<typeof featuresTrainConfig>>;

const settings = {
  learningRate: 2e-3,
  warmup: 50,
  decayShare: 0.5,
  emaDecay: 0.99,
  compute: "bfloat16",
  weightDecay: 0.01,
} as const;

/** Ready configurations, one a network. */
export const featuresTrainPresets: Readonly<Record<"image" | "video", FeaturesTrainConfig>> = {
  image: parseFeaturesTrainConfig({
    net: "image",
    settings: { ...settings, steps: 1500 },
    batch: 16,
    clips: 4000,
  }),
  video: parseFeaturesTrainConfig({
    net: "video",
    settings: { ...settings, learningRate: 1e-3, steps: 2500 },
    batch: 8,
    clips: 3500,
  }),
};

/** Checks a configuration. Throws {@linkcode ConfigError}. */
export function parseFeaturesTrainConfig(config: unknown): FeaturesTrainConfig {
  const parsed = featuresTrainConfig.safeParse(config);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new ConfigError(`training config: ${path.join(".")}: ${message}`);
}
