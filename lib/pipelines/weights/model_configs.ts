/**
 * What a set of weights is made for, read from the files' headers: no tensor is loaded.
 * @module
 */
import { ConfigError, InputError } from "../../errors.ts";
import {
  type IsaDitConfig,
  isaDitPresets,
  parseIsaDitConfig,
  PRIOR_MAP,
} from "../../models/isa_dit/mod.ts";
import { named, openState, ownConfig } from "../../models/state/mod.ts";
import {
  parseVideoVaeConfig,
  spatialFactor,
  type VideoVaeConfig,
  videoVaePresets,
} from "../../models/video_vae/mod.ts";
import { findWeights } from "./weights.ts";

/** Both models' configurations. */
export interface ModelConfigs {
  readonly vae: VideoVaeConfig;
  readonly dit: IsaDitConfig;
}

/** Reads the configurations of `weights`; errors as `findWeights`, and for files without one. */
export async function readModelConfigs(weights: string): Promise<ModelConfigs> {
  const { videoVae, isaDit } = await findWeights(weights);
  const state = await openState(videoVae);
  const stored = ownConfig(state, { kind: "video_vae", called: "VideoVAE" });
  const vae = named(videoVae, () => parseVideoVaeConfig(stored));
  return { vae, dit: await readIsaDitConfig(isaDit) };
}

/** Reads the configuration of an ISA-DiT's file or shards; throws {@linkcode InputError} without one. */
export async function readIsaDitConfig(isaDit: string): Promise<IsaDitConfig> {
  const stored = ownConfig(await openState(isaDit), { kind: "isa_dit", called: "ISA-DiT" });
  return named(isaDit, () => parseIsaDitConfig(stored));
}

/** Whether a model reads the prior: its pictures are then laid over it. */
export function readsPrior({ maps }: Pick<IsaDitConfig, "maps">): boolean {
  return maps.includes(PRIOR_MAP);
}

/** Pixels. */
interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The size at which a model makes pictures of `size`: that, or a smaller one of the same shape. */
export function samplingSize(
  { pictureSide }: Pick<IsaDitConfig, "pictureSide">,
  { width, height }: PictureSize,
): PictureSize {
  const share = (pictureSide ?? Infinity) / Math.min(width, height);
  if (share >= 1) return { width, height };
  return { width: Math.round(width * share), height: Math.round(height * share) };
}

/** Throws {@linkcode InputError} unless the weights of an ISA-DiT have their identity from `wanted`. */
export async function checkIdentity(
  isaDit: string,
  wanted: IsaDitConfig["identity"],
): Promise<void> {
  const { identity } = await readIsaDitConfig(isaDit);
  if (identity === wanted) return;
  throw new InputError(
    `"${isaDit}" has no identity "${wanted}", its identity is "${identity}": name other --weights` +
      (wanted === "scd" ? ", as `isa4d train dit --config small-scd` makes them" : ""),
  );
}

/** The VideoVAE preset that an ISA-DiT preset is meant to work with, where it is not SD3's. */
const smallVaes: Readonly<Record<string, keyof typeof videoVaePresets>> = {
  tiny: "tiny",
  small: "small",
  "small-prior": "prior",
  "small-scd": "small",
  "small-grid": "small",
  "small-swap": "small",
};

/** Configurations of a named ISA-DiT preset and its VideoVAE. Throws {@linkcode InputError}. */
export function presetConfigs(preset: string): ModelConfigs {
  if (!Object.hasOwn(isaDitPresets, preset)) {
    const known = Object.keys(isaDitPresets).join(", ");
    throw new ConfigError(`there is no preset "${preset}", expected ${known}`);
  }
  return { vae: videoVaePresets[smallVaes[preset] ?? "sd3"], dit: isaDitPresets[preset] };
}

/** Pixels that width and height must be multiples of, so that all of the models' squares come out. */
export function sizeStep({ vae, dit }: ModelConfigs): number {
  return spatialFactor(vae) *
    (dit.camera ? Math.max(dit.patchSize, dit.cameraPatch) : dit.patchSize);
}
