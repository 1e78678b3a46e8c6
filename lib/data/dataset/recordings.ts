/**
 * A folder of recorded motions, such as a part of AMASS, for synthetic people.
 * @module
 */
import { basename, join } from "node:path";
import { InputError } from "../../errors.ts";
import type { BodyMesh } from "../../geometry/mod.ts";
import { loadMotion } from "../motions/mod.ts";
import type { NamedMotion } from "../synth/mod.ts";

/** Records name their motion by one byte; 255 stands for one that was given. */
const MOST = 255;

/**
 * Paths of the motion files in a folder (`.npz`, `.pkl`, `.json`, `.bvh`), by name.
 * @throws {InputError} when the folder cannot be read or holds none, or more than 255
 */
export async function listRecordings(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (!isDirectory && /\.(npz|pkl|json|bvh)$/i.test(name)) names.push(name);
    }
  } catch (cause) {
    throw new InputError(`cannot read motions from folder "${folder}"`, { cause });
  }
  if (names.length < 1 || names.length > MOST) {
    throw new InputError(
      `folder "${folder}" has ${names.length} motion files (.npz, .pkl, .json, .bvh), expected 1 to ${MOST}`,
    );
  }
  return names.sort().map((name) => join(folder, name));
}

/** Reads motion files for a body, at the rate they will be used at. Throws as `loadMotion`. */
export async function readRecordings(
  paths: readonly string[],
  { body, fps }: { readonly body: BodyMesh; readonly fps: number },
): Promise<NamedMotion[]> {
  const recordings: NamedMotion[] = [];
  for (const path of paths) {
    const { motion } = await loadMotion(path, { body, fps, placement: "keep" });
    recordings.push({ motion, motionName: basename(path) });
  }
  return recordings;
}
