/**
 * Where weights lie, and models made from them.
 *
 * A folder of weights holds `video_vae.safetensors` and `isa_dit.safetensors`, whole or in shards;
 * their metadata carries the configuration. A bare name is a folder of this project's `weights/`.
 * @module
 */
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { ConfigError, InputError } from "../../errors.ts";
import { bodyPath } from "../../data/mod.ts";
import { exists, readJson, shippedFolder } from "../../io/mod.ts";
import { type IsaDit, loadIsaDit, type LoraFile } from "../../models/isa_dit/mod.ts";
import { loadVideoVae, type VideoVae } from "../../models/video_vae/mod.ts";
import type { Vars } from "../../nn/mod.ts";
import type { Device, DType } from "../../tensor/mod.ts";
import { isFile } from "../job/mod.ts";

/** Files of one set of weights. */
export interface WeightFiles {
  /** The VideoVAE. */
  readonly videoVae: string;
  /** The ISA-DiT. */
  readonly isaDit: string;
  /** The body's mesh and rig. */
  readonly body: string;
  /** Every file on disk behind the three, shards and indices too. */
  readonly all: readonly string[];
}

/** The name that asks for no model: what is drawn is the prior alone. */
const NO_WEIGHTS = "none";

/** What a job reads that samples nothing: it draws the prior, which a VideoVAE may correct. */
export type PriorWeights = Pick<WeightFiles, "body" | "all"> & {
  /** One with a decoder that knows the prior. */
  readonly videoVae?: string;
  readonly isaDit?: undefined;
};

/** As {@linkcode findWeights}, where "none" is an answer too, and a folder without an ISA-DiT. */
export async function findJobWeights(weights: string): Promise<WeightFiles | PriorWeights> {
  if (weights === NO_WEIGHTS) return { body: bodyPath, all: [bodyPath] };
  const { videoVae, isaDit } = pathsIn(folderOf(weights));
  if (await isThere(videoVae) && !await isThere(isaDit)) {
    return { videoVae, body: bodyPath, all: [...await filesOf(videoVae), bodyPath] };
  }
  return await findWeights(weights);
}

/**
 * Finds the files of `weights`, a shipped name or a folder. Throws {@linkcode ConfigError} for an
 * unknown name, and {@linkcode InputError} that names what a folder lacks.
 */
export async function findWeights(weights: string): Promise<WeightFiles> {
  const named = !isFile.weights(weights);
  const folder = folderOf(weights);
  const found = await Deno.stat(folder).catch(() => undefined);
  if (!found?.isDirectory) {
    if (!named) throw new InputError(`there is no folder of weights "${folder}"`);
    const known = (await shippedNames()).join(", ");
    throw new ConfigError(
      weights === NO_WEIGHTS
        ? `--weights none is for generate and batch: this needs a model, such as ${known}`
        : `there are no shipped weights "${weights}", expected ${known}`,
    );
  }
  const { videoVae, isaDit } = pathsIn(folder);
  const files = [await filesOf(videoVae), await filesOf(isaDit), [bodyPath]];
  return { videoVae, isaDit, body: bodyPath, all: files.flat() };
}

function folderOf(weights: string): string {
  return isFile.weights(weights) ? weights : join(shippedFolder, weights);
}

function pathsIn(folder: string): Pick<WeightFiles, "videoVae" | "isaDit"> {
  return {
    videoVae: join(folder, "video_vae.safetensors"),
    isaDit: join(folder, "isa_dit.safetensors"),
  };
}

/** Both models of a set of weights, frozen. */
export class Models {
  /** Between pictures and latents. */
  readonly vae: VideoVae;
  /** Predicts the flow of latents. */
  readonly dit: IsaDit;
  /** Where both are. */
  readonly device: Device;
  readonly #ditVars: Vars;
  readonly #lent: boolean;

  private constructor(vae: VideoVae, dit: IsaDit, ditVars: Vars, lent: boolean = false) {
    this.vae = vae;
    this.dit = dit;
    this.device = ditVars.device;
    this.#ditVars = ditVars;
    this.#lent = lent;
  }

  /**
   * Reads both models, their linear maps and convolutions as `dtype`. Throws {@linkcode InputError} for
   * the wrong file, tensor or shape, and for a device that this machine lacks.
   */
  static async load(
    { videoVae, isaDit }: Pick<WeightFiles, "videoVae" | "isaDit">,
    { device = "cpu", dtype = "float32", loras = [] }: {
      readonly device?: Device;
      readonly dtype?: DType;
      readonly loras?: readonly LoraFile[];
    } = {},
  ): Promise<Models> {
    const vae = await loadVideoVae(videoVae, { device, dtype });
    try {
      const { dit, vars } = await loadIsaDit(isaDit, { device, dtype, loras });
      checkPair(vae, dit);
      return new Models(vae, dit, vars);
    } catch (error) {
      vae.vars.dispose();
      throw error;
    }
  }

  /** The same models for a borrower, whose freeing frees nothing. */
  lend(): Models {
    return new Models(this.vae, this.dit, this.#ditVars, true);
  }

  /** Frees the ISA-DiT alone, when there is nothing left to sample. */
  freeDit(): void {
    if (!this.#lent) this.#ditVars.dispose();
  }

  /** Frees both models. */
  dispose(): void {
    if (this.#lent) return;
    this.vae.vars.dispose();
    this.#ditVars.dispose();
  }

  /** Same as {@linkcode dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Where a generation gets its models: {@linkcode Models} itself, or something that keeps them. */
export type ModelSource = Pick<typeof Models, "load">;

function checkPair({ config: vae }: VideoVae, { config: dit }: IsaDit): void {
  if (vae.latentChannels !== dit.latentChannels) {
    throw new InputError(
      `the VideoVAE makes latents of ${vae.latentChannels} channels, the ISA-DiT takes ${dit.latentChannels}: they do not belong together`,
    );
  }
}

/** The file itself, or its index and the shards that the index names. */
export async function filesOf(path: string): Promise<string[]> {
  if (await exists(path)) return [path];
  const index = indexOf(path);
  if (!await exists(index)) {
    throw new InputError(`the weights have no "${basename(path)}" in "${dirname(path)}"`);
  }
  const parsed = z.looseObject({ weight_map: z.record(z.string(), z.string()) })
    .safeParse(await readJson(index));
  if (!parsed.success) throw new InputError(`"${index}" is no index of weights: no weight_map`);
  const names = new Set(Object.values(parsed.data.weight_map));
  const shards = [...names].map((name) => join(dirname(path), name));
  return [index, ...shards];
}

/** Whether a file is there, whole or as the index of its shards. */
async function isThere(path: string): Promise<boolean> {
  return await exists(path) || await exists(indexOf(path));
}

function indexOf(path: string): string {
  return `${path}.index.json`;
}

async function shippedNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(shippedFolder)) {
    // Networks that measure make no videos.
    if (entry.isDirectory && entry.name !== "features") names.push(entry.name);
  }
  return names.length > 0 ? names.sort() : ["a folder (this copy ships none)"];
}
