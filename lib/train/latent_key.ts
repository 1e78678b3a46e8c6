/**
 * Which latents a VideoVAE makes, as a name for folders of them.
 * @module
 */
import { createHash } from "node:crypto";
import type { VideoVae } from "../models/video_vae/mod.ts";
import { scope, to, toBytes } from "../tensor/mod.ts";

/**
 * Twelve hexadecimal digits of the values that latents come from: VideoVAEs that differ in the decoder
 * that knows the prior alone have the same.
 */
export function latentKey({ vars }: Pick<VideoVae, "vars">): string {
  const hash = createHash("sha256");
  for (const [name, variable] of vars.named()) {
    if (name.startsWith("prior_decoder.")) continue;
    hash.update(`${name} [${variable.shape}]`);
    hash.update(scope(() => toBytes(to(variable, { device: "cpu", dtype: "float32" }))));
  }
  return hash.digest("hex").slice(0, 12);
}
