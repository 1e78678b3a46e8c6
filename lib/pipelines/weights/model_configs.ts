/**
 * What a set of weights is made for, read from the files' headers: no tensor is loaded.
 * @module
 */
import { ConfigError, InputError } from "../../errors.ts";
import { readSafetensors } from "../../io/mod.ts";
import { type IsaDitConfig, isaDitPresets, parseIsaDitConfig } from "../../models/isa_dit/mod.ts";
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
  return {
    vae: parseVideoVaeConfig(await storedConfig(videoVae)),
    dit: parseIsaDitConfig(await storedConfig(isaDit)),
  };
}

/** Throws {@linkcode InputError} unless the weights of an ISA-DiT have their identity from `wanted`. */
export async function checkIdentity(
  isaDit: string,
  wanted: IsaDitConfig["identity"],
): Promise<void> {
  const { identity } = parseIsaDitConfig(await storedConfig(isaDit));
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

async function storedConfig(path: string): Promise<unknown> {
  const { metadata } = await readSafetensors(path, { names: new Set() });
  try {
    return JSON.parse(metadata.config);
  } catch (cause) {
    throw new InputError(`"${path}" carries no configuration of an isa4d model`, { cause });
  }
}
