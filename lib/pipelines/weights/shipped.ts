/**
 * What this project ships in `weights/`.
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of shipped weights. */
export const shippedFolder: string = fileURLToPath(new URL("../../../weights/", import.meta.url));

/** The shipped network of frames or of clips that `isa4d eval` measures with, trained on synthetic people. */
export function shippedFeatures(net: "image" | "video"): string {
  return join(shippedFolder, "features", `synth_${net}_net.safetensors`);
}
