import { writeSafetensors } from "../../io/mod.ts";
import { allGiven, Vars } from "../../nn/mod.ts";
import type { Device, DType } from "../../tensor/mod.ts";
import { type ModelAbout, modelSpec, named, openState, ownConfig, toStore } from "../state/mod.ts";
import { parseVideoVaeConfig, type VideoVaeConfig } from "./config.ts";
import { VideoVae } from "./model.ts";

/** Writes all variables, with the configuration in the metadata, whole or not at all. */
export async function saveVideoVae(
  path: string,
  { config, vars }: Pick<VideoVae, "config" | "vars">,
  { about, ...facts }: { readonly step?: string; readonly about?: ModelAbout } = {},
): Promise<void> {
  await writeSafetensors(path, toStore(vars.named()), {
    ...facts,
    ...videoVaeFacts(config, about),
  });
}

/** The metadata by which {@linkcode loadVideoVae} and other programs know its files. */
export function videoVaeFacts(config: VideoVaeConfig, about?: ModelAbout): Record<string, string> {
  return {
    ...{ format: "isa4d", kind: "video_vae", config: JSON.stringify(config) },
    ...modelSpec({
      architecture: "isa4d-video-vae",
      title: `VideoVAE of ${config.latentChannels} channels`,
      description: "Causal autoencoder of video, 8 times smaller in width and height, 4 in time",
    }, about),
  };
}

/** Where and as what weights are read; tensor by tensor, so that they are never there twice. */
export interface LoadVideoVaeOptions {
  /** Default "cpu". */
  readonly device?: Device;
  /**
   * What convolutions and linear maps are read as and work in; all else is float32. Default "float32",
   * whatever the file holds.
   */
  readonly dtype?: DType;
}

/**
 * Reads a VideoVAE that {@linkcode saveVideoVae} wrote, weights frozen. Free it with
 * `vae.vars.dispose()`.
 *
 * @throws InputError when the file is something else or lacks a tensor
 */
export async function loadVideoVae(
  path: string,
  { device = "cpu", dtype = "float32" }: LoadVideoVaeOptions = {},
): Promise<VideoVae> {
  const state = await openState(path);
  const config = ownConfig(state, { kind: "video_vae", called: "VideoVAE" });
  const vars = Vars.root({ device, products: dtype, given: allGiven });
  try {
    const vae = named(path, () => new VideoVae(vars, parseVideoVaeConfig(config)));
    named(path, () => vars.load(state.tensors));
    vars.setRequiresGrad(false);
    return vae;
  } catch (error) {
    vars.dispose();
    throw error;
  }
}

/**
 * A model of `config` that begins with all variables that a file has under their names; the others
 * get their first values.
 *
 * @throws InputError when the file is something else, lacks a tensor or has one of another shape
 */
export async function startVideoVae(
  path: string,
  config: VideoVaeConfig,
  options: { readonly device?: Device; readonly seed?: number } = {},
): Promise<VideoVae> {
  const state = await openState(path);
  const stored = ownConfig(state, { kind: "video_vae", called: "VideoVAE" });
  using whole = Vars.root({ device: "meta" });
  named(path, () => {
    new VideoVae(whole, parseVideoVaeConfig(stored));
    whole.check(state.tensors);
  });
  const vars = Vars.root({ ...options, given: (name) => state.tensors.has(name) });
  try {
    const vae = new VideoVae(vars, config);
    vars.load(state.tensors, { strict: false });
    return vae;
  } catch (error) {
    vars.dispose();
    throw error;
  }
}
