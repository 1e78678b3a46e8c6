/**
 * The body asset as a file.
 * @module
 */
import { fileURLToPath } from "node:url";
import { type BodyMesh, loadBody } from "../geometry/mod.ts";
import { readSafetensors } from "../io/mod.ts";

/** Where the repository keeps its body. */
export const bodyPath: string = fileURLToPath(
  new URL("../../weights/body.safetensors", import.meta.url),
);

/**
 * Reads a body asset, the repository's own where no path is given.
 * @throws {InputError} when the file is missing, broken or holds something else
 */
export async function readBody(path: string = bodyPath): Promise<BodyMesh> {
  return loadBody(await readSafetensors(path));
}
