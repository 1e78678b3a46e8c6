import { z } from "zod";
import { Random } from "../geometry/mod.ts";

const positive = z.int().positive();

/**
 * Numbers of a training run that do not depend on what is trained.
 * @internal
 */
export const trainSettings = z.strictObject({
  steps: positive,
  /** Micro-batches whose gradients are averaged into one step. */
  accumulate: positive.default(1),
  learningRate: z.number().positive(),
  /** Steps over which the learning rate rises linearly from 0. */
  warmup: z.int().nonnegative().default(200),
  /** Share of the steps, at the end, over which the learning rate falls to 0. */
  decayShare: z.number().min(0).max(1).default(0.4),
  /** How it falls: in a straight line, or in half a cosine wave. */
  decayShape: z.enum(["linear", "cosine"]).default("linear"),
  weightDecay: z.number().nonnegative().default(0.01),
  betas: z.tuple([z.number(), z.number()]).default([0.9, 0.99]),
  eps: z.number().positive().default(1e-8),
  /** Largest norm of the whole gradient; larger ones are scaled down to it. */
  clipNorm: z.number().positive().default(1),
  emaDecay: z.number().min(0).max(1).default(0.999),
  seed: z.int().nonnegative().default(0),
  /** dtype of matrix products and convolutions; weights stay float32. */
  compute: z.enum(["float32", "bfloat16"]).default("bfloat16"),
  checkpointEvery: positive.default(250),
  /** How many checkpoints stay, counted from the newest; the best one by validation stays too. */
  keepCheckpoints: positive.default(2),
  /** So many skipped steps in a row end the run. */
  maxBadSteps: positive.default(20),
  /**
   * Skips a step whose loss lies more than so many deviations above the median of the last ones; 0:
   * none. Deviations are robust ones, 1.4826 · MAD. Not for losses that rise by design, as where an
   * adversary sets in.
   */
  spikeFactor: z.number().nonnegative().default(0),
  /** How many losses the median is taken of. */
  spikeWindow: positive.default(128),
});

/** Checked {@linkcode trainSettings}. */
export type TrainSettings = Readonly<(typeof trainSettings)["_output"]>;

/** Learning rate of `step` (from 0): linear warm-up, flat, decay. */
export function learningRateAt(step: number, settings: TrainSettings): number {
  const { steps, warmup, decayShare, decayShape, learningRate } = settings;
  const rise = warmup > 0 ? Math.min(1, (step + 1) / warmup) : 1;
  const decaySteps = Math.max(1, Math.round(steps * decayShare));
  const fall = decayShare > 0 ? Math.min(1, (steps - step) / decaySteps) : 1;
  const left = Math.max(0, fall);
  const shaped = decayShape === "cosine" ? (1 - Math.cos(Math.PI * left)) / 2 : left;
  return learningRate * rise * shaped;
}

/** One seed a micro-batch: resumed runs draw what unbroken ones draw. */
export function microBatchSeed(
  { seed, accumulate }: Pick<TrainSettings, "seed" | "accumulate">,
  { step, micro }: { readonly step: number; readonly micro: number },
): number {
  // Consecutive numbers: a hash of both would repeat itself after some ten thousand of them.
  return new Random(seed).bits() + step * accumulate + micro;
}

/**
 * The seed of sample `index` of a micro-batch: what is drawn for a sample does not depend on which
 * rank computes it, nor on how many there are.
 */
export function sampleSeed(microBatch: number, index: number): number {
  const random = new Random(microBatch).fork(`sample ${index}`);
  return random.bits() * 2 ** 20 + (random.bits() >>> 12);
}
