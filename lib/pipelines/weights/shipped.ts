/**
 * What this project ships in `weights/`.
 * @module
 */
import { join } from "node:path";
import { shippedFolder } from "../../io/mod.ts";

/** The shipped network of frames or of clips that `isa4d eval` measures with, trained on synthetic people. */
export function shippedFeatures(net: "image" | "video"): string {
  return join(shippedFolder, "features", `synth_${net}_net.safetensors`);
}
