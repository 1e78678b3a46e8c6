/**
 * The micro-batches of a prior decoder's training, drawn ahead by workers.
 * @module
 */
import type { Ranks } from "../distributed/mod.ts";
import { AheadLoader } from "../loader/mod.ts";
import { microBatchSeed } from "../settings.ts";
import type { VaeTrainConfig } from "../train_vae_config.ts";
import type { PriorLoader } from "./objective.ts";
import type { PriorBatch, PriorSampleConfig } from "./samples.ts";

/** How a worker begins. */
export interface PriorStart {
  /** Folders of rendered clips. */
  readonly folders: readonly string[];
  readonly config: PriorSampleConfig;
}

/** A micro-batch to draw: what comes of it depends on this and the data alone. */
export interface PriorOrder {
  readonly seed: number;
  readonly part: ReturnType<Ranks["part"]>;
}

/** Steps whose batches wait or are being drawn. */
const AHEAD = 4;

/** Lets workers draw samples of the data sets in `folders` ahead of the steps. */
export function crewPriorSamples(
  { settings, batch, size, frames, prior }: VaeTrainConfig,
  { folders, ranks, workers }: {
    readonly folders: readonly string[];
    readonly ranks: Ranks;
    readonly workers: number;
  },
): PriorLoader & { readonly close: () => void } {
  const loader = new AheadLoader<PriorStart, PriorOrder, PriorBatch>({
    spawn: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
    workers: Math.max(1, workers),
    start: { folders, config: { size, frames, perturbedShare: prior.perturbedShare } },
    ordersOf: (step) =>
      Array.from({ length: settings.accumulate }, (_, micro) => ({
        seed: microBatchSeed(settings, { step, micro }),
        part: ranks.part(batch),
      })),
    steps: settings.steps,
    ahead: AHEAD,
  });
  return {
    ready: (step) => loader.ready(step),
    batch: (micro) => loader.item(micro),
    close: () => loader.close(),
  };
}
