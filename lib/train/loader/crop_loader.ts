/**
 * The micro-batches of a VideoVAE's training, made here or ahead by workers.
 * @module
 */
import { Random } from "../../geometry/mod.ts";
import type { Ranks } from "../distributed/mod.ts";
import { microBatchSeed, type TrainSettings } from "../settings.ts";
import { AheadLoader } from "./ahead.ts";
import type { ClipSource, SourceSpec } from "./clip_sources.ts";
import type { CropStart } from "./crop_worker.ts";
import { type CropBatch, type CropConfig, type CropOrder, drawCrops } from "./crops.ts";

/** The part of a VideoVAE's training configuration that decides on its samples. */
export interface SampleConfig extends CropConfig {
  readonly settings: Pick<TrainSettings, "seed" | "steps" | "accumulate">;
  readonly batch: number;
  readonly images: { readonly share: number; readonly batch: number };
}

/** Hands out micro-batches. */
export interface CropLoader {
  /** Resolves when those of `step` are there. */
  readonly ready: (step: number) => Promise<void>;
  /** One of the step that was waited for last. */
  readonly batch: (micro: number) => CropBatch;
  /** Frees what it holds. */
  readonly close: () => void;
}

/** Steps whose batches wait or are being made. */
const AHEAD = 4;

/** Bytes of decoded clips that each worker keeps of each source. */
const CACHE_BYTES = 256e6;

/** Which micro-batches a step takes; the same ones for every rank, of which each cuts its part. */
function ordersOf(step: number, config: SampleConfig, ranks: Ranks): CropOrder[] {
  const { settings, images, batch } = config;
  return Array.from({ length: settings.accumulate }, (_, micro) => {
    const own = microBatchSeed(settings, { step, micro });
    const image = images.share > 0 && new Random(own).fork("image").float() < images.share;
    return {
      seed: own,
      kind: image ? "image" : "video",
      part: ranks.part(image ? images.batch : batch),
    };
  });
}

/** Cuts crops when they are asked for, in this thread. */
export function localCrops(
  config: SampleConfig,
  { sources, ranks }: { readonly sources: readonly ClipSource[]; readonly ranks: Ranks },
): CropLoader {
  let batches: CropBatch[] = [];
  return {
    ready: async (step) => {
      batches = [];
      for (const order of ordersOf(step, config, ranks)) {
        batches.push(await drawCrops(sources, config, order));
      }
    },
    batch: (micro) => batches[micro],
    close: () => sources.forEach((source) => source.close()),
  };
}

/** Lets workers cut crops ahead of the steps. */
export function crewCrops(
  config: SampleConfig,
  { sources, ranks, workers }: {
    readonly sources: readonly SourceSpec[];
    readonly ranks: Ranks;
    readonly workers: number;
  },
): CropLoader {
  const { size, frames, augment } = config;
  const loader = new AheadLoader<CropStart, CropOrder, CropBatch>({
    spawn: () => new Worker(new URL("./crop_worker.ts", import.meta.url), { type: "module" }),
    workers,
    start: { sources, config: { size, frames, augment }, cacheBytes: CACHE_BYTES },
    ordersOf: (step) => ordersOf(step, config, ranks),
    steps: config.settings.steps,
    ahead: AHEAD,
  });
  return {
    ready: (step) => loader.ready(step),
    batch: (micro) => loader.item(micro),
    close: () => loader.close(),
  };
}
