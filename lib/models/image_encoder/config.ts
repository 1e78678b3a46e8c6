import { z } from "zod";
import { ConfigError } from "../../errors.ts";

const positive = z.int().positive();

/** A CLIP vision tower (Radford et al. 2021); the numbers of transformers' CLIPVisionConfig. */
export const clipVisionConfig = z.strictObject({
  /** Side of the square input in pixels. */
  imageSize: positive,
  /** Side of a patch in pixels. */
  patchSize: positive,
  hiddenSize: positive,
  intermediateSize: positive,
  layers: positive,
  heads: positive,
  /** What stands between the feed-forward's layers; OpenAI's models have the quick one. */
  activation: z.enum(["quick_gelu", "gelu"]).default("quick_gelu"),
  /** Size of the space that CLIP shares with text; absent: the tower does not project there. */
  projectionSize: positive.optional(),
});

/** A checked configuration of {@linkcode clipVisionConfig}. */
export type ClipVisionConfig = Readonly<z.infer<typeof clipVisionConfig>>;

/** Checks `config`; throws {@linkcode ConfigError} with the numbers at fault. */
export function parseClipVisionConfig(config: unknown): ClipVisionConfig {
  const parsed = clipVisionConfig.safeParse(config);
  if (!parsed.success) throw new ConfigError(`CLIP config: ${z.prettifyError(parsed.error)}`);
  const { imageSize, patchSize, hiddenSize, heads } = parsed.data;
  if (hiddenSize % heads !== 0) {
    throw new ConfigError(`CLIP config: width ${hiddenSize} does not split into ${heads} heads`);
  }
  if (imageSize % patchSize !== 0) {
    throw new ConfigError(`CLIP config: ${imageSize} pixels do not split into ${patchSize}`);
  }
  return parsed.data;
}

/** CLIP's pixel statistics, RGB in 0..1. */
export const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
/** CLIP's pixel statistics, RGB in 0..1. */
export const CLIP_STD = [0.26862954, 0.26130258, 0.27577711] as const;
