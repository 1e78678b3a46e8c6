/**
 * What this project ships in `weights/`.
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of shipped weights. */
export const shippedFolder: string = fileURLToPath(new URL("../../weights/", import.meta.url));

/** The body that comes with this project. */
export const bodyPath: string = join(shippedFolder, "body.safetensors");
