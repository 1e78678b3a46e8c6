/**
 * The body asset as a file.
 * @module
 */
import { fileURLToPath } from "node:url";
import { naming } from "../errors.ts";
import { type BodyMesh, loadBody } from "../geometry/mod.ts";
import { checkShipped, readSafetensors } from "../io/mod.ts";
import { readSmplBody } from "./body_smpl_file.ts";

/** Where the repository keeps its body. */
export const bodyPath: string = fileURLToPath(
  new URL("../../weights/body.safetensors", import.meta.url),
);

/**
 * Reads a body: the repository's own where no path is given, another asset of that kind, or a file of
 * SMPL, SMPL-H, SMPL-X or FLAME (`.npz`, `.pkl`). On those the points that models know by index lie
 * where the own body has them.
 * @throws {InputError} when the file is missing, broken or holds something else
 */
export async function readBody(path: string = bodyPath): Promise<BodyMesh> {
  if (/\.(npz|pkl|pickle)$/i.test(path)) return await readSmplBody(path, await readBody());
  await checkShipped(path);
  const state = await readSafetensors(path);
  return naming(`cannot read "${path}"`, () => loadBody(state));
}
