import { z } from "zod";

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
});

/** A checked configuration of {@linkcode clipVisionConfig}. */
export type ClipVisionConfig = Readonly<z.infer<typeof clipVisionConfig>>;

/** CLIP's pixel statistics, RGB in 0..1. */
export const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
/** CLIP's pixel statistics, RGB in 0..1. */
export const CLIP_STD = [0.26862954, 0.26130258, 0.27577711] as const;
