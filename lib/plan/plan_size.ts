/**
 * What a generation's cost depends on.
 * @module
 */
import type { TilingChoice } from "../models/video_vae/mod.ts";
import type { ProductDtype } from "../nn/mod.ts";
import type { Device } from "../tensor/mod.ts";
import type { Job } from "../pipelines/job/mod.ts";

/** A generation as its cost sees it. */
export interface PlanSize extends
  Pick<
    Job,
    | "width"
    | "height"
    | "frames"
    | "steps"
    | "cfgScale"
    | "cfgInterval"
    | "flowShift"
    | "sampler"
  > {
  /** Of weights and products. */
  readonly dtype: ProductDtype;
  /** How large pictures pass the VideoVAE. */
  readonly vaeTiling: TilingChoice;
  readonly persons: number;
  /** Whether a background is encoded. */
  readonly background: boolean;
  readonly device: Device;
  /** Frames that are sampled at once and shared by neighbours; default "off". */
  readonly window?: Job["window"];
  readonly overlap?: Job["overlap"];
  /** Guided evaluations for which guidance is found out once; default 1. */
  readonly cfgEvery?: Job["cfgEvery"];
  /** Default 0: all layers are always asked. */
  readonly blockCache?: Job["blockCache"];
  /** Several views of a scene at once; absent for a single video. */
  readonly grid?: GridSize;
}

/** Views of a grid. */
export interface GridSize {
  readonly views: number;
  /** Views whose videos are given. */
  readonly givenViews: number;
  /** Whether one instant of all views is given. */
  readonly givenTime: boolean;
}

/** Views that are sampled at once. */
export function viewsOf({ grid }: Pick<PlanSize, "grid">): number {
  return grid?.views ?? 1;
}

/** Latent frames that the VideoVAE works on at once. */
export interface Chunks {
  readonly encode: number;
  readonly decode: number;
}

/** What `generate` does. */
export const generateChunks: Chunks = { encode: 4, decode: 1 };
