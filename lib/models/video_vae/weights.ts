import { InputError } from "../../errors.ts";
import { readSafetensors, unpackWeights, writeSafetensors } from "../../io/mod.ts";
import { type StateRecord, Vars } from "../../nn/mod.ts";
import type { Device } from "../../tensor/mod.ts";
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
  await writeSafetensors(path, state, {
    ...facts,
    format: "isa4d",
    kind: "video_vae",
    config: JSON.stringify(config),
  });
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
  const { tensors, metadata } = await readSafetensors(path);
  if (metadata.kind !== "video_vae" || !metadata.config) {
    const found = metadata.kind ? `kind "${metadata.kind}"` : "no isa4d metadata";
    throw new InputError(`"${path}" holds no VideoVAE: ${found}, expected kind "video_vae"`);
  }
  const vae = new VideoVae(Vars.root({ device }), parseVideoVaeConfig(parseJson(path, metadata)));
  try {
    vae.vars.load(unpackWeights(tensors));
  } catch (cause) {
    vae.vars.dispose();
    if (!(cause instanceof InputError)) throw cause;
    throw new InputError(`"${path}": ${cause.message}`, { cause });
  }
  vae.vars.setRequiresGrad(false);
  return vae;
}

function parseJson(path: string, metadata: Readonly<Record<string, string>>): unknown {
  try {
    return JSON.parse(metadata.config);
  } catch (cause) {
    throw new InputError(`"${path}": its configuration is no JSON`, { cause });
  }
}
