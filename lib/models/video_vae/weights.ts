import { writeSafetensors } from "../../io/mod.ts";
import { allGiven, type StateRecord, Vars } from "../../nn/mod.ts";
import type { Device } from "../../tensor/mod.ts";
import { named, openState, ownConfig } from "../state/mod.ts";
import { parseVideoVaeConfig, type VideoVaeConfig } from "./config.ts";
import { VideoVae } from "./model.ts";

/** Writes all variables, with the configuration in the metadata, whole or not at all. */
export async function saveVideoVae(
  path: string,
  { config, state }: {
    readonly config: VideoVaeConfig;
    readonly state: ReadonlyMap<string, StateRecord>;
  },
  facts: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeSafetensors(path, state, { ...facts, ...videoVaeFacts(config) });
}

/** The metadata by which {@linkcode loadVideoVae} knows its files. */
export function videoVaeFacts(config: VideoVaeConfig): Record<string, string> {
  return { format: "isa4d", kind: "video_vae", config: JSON.stringify(config) };
}

/**
 * Reads a VideoVAE that {@linkcode saveVideoVae} wrote, weights frozen. Free it with
 * `vae.vars.dispose()`.
 *
 * @throws InputError when the file is something else or lacks a tensor
 */
export async function loadVideoVae(
  path: string,
  { device = "cpu" }: { readonly device?: Device } = {},
): Promise<VideoVae> {
  const state = await openState(path);
  const config = ownConfig(state, { kind: "video_vae", called: "VideoVAE" });
  const vars = Vars.root({ device, given: allGiven });
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
