/**
 * Champ's `smpls_group.npz`: for each frame what 4D-Humans found (`smpl`) and where it stands before
 * the camera (`camera`), as objects.
 * @module
 */

import { InputError } from "../../errors.ts";
import { isNumericArray, PickledArray, readObjectNpz } from "../../io/pickle/mod.ts";
import { npyToFloat32 } from "../../io/mod.ts";
import { DEFAULT_FPS, type MotionFile } from "./motion_file.ts";
import { WILD_FOCAL } from "./phalp.ts";
import { meanBetas, numbersOf, poseOfMatrices } from "./matrix_poses.ts";

/** Rows of three numbers, of an array of numbers or one of objects. */
function placesOf(path: string, array: unknown, frames: number): Float32Array {
  let places: Float32Array | undefined;
  if (isNumericArray(array)) places = npyToFloat32(array);
  else if (array instanceof PickledArray && array.dtype === "object") {
    const rows = (array.data as readonly unknown[]).map(numbersOf);
    if (rows.every((row) => row?.length === 3)) {
      places = Float32Array.from(rows.flatMap((row) => [...row!]));
    }
  }
  if (places?.length !== frames * 3 || !places.every(Number.isFinite)) {
    throw new InputError(
      `cannot read "${path}": camera does not hold three numbers for each of ${frames} frames`,
    );
  }
  return places;
}

/**
 * Reads champ's group of SMPL results, of each frame the first person; undefined for a file without
 * `smpl`. Throws InputError for a broken one; nothing in its pickles is run.
 */
export async function readChampMotion(path: string): Promise<MotionFile | undefined> {
  const arrays = await readObjectNpz(path, { names: ["smpl", "camera"] });
  const smpl = arrays.get("smpl");
  if (!(smpl instanceof PickledArray) || smpl.dtype !== "object") return undefined;
  const results = smpl.data as readonly unknown[];
  const found = results.map((result, frame) => {
    const label = `frame ${frame} of "${path}"`;
    if (!(result instanceof Map)) {
      throw new InputError(`cannot read ${label}: smpl is no dictionary of SMPL's parameters`);
    }
    return poseOfMatrices(result, label);
  });
  const frames = found.length;
  if (frames === 0) throw new InputError(`cannot read "${path}": it has no frames`);
  const poses = new Float32Array(frames * 72);
  found.forEach(({ pose }, frame) => poses.set(pose, frame * 72));
  const translations = placesOf(path, arrays.get("camera"), frames);
  return {
    motion: { fps: DEFAULT_FPS, frames, poses, translations },
    rateKnown: false,
    up: "camera",
    origin: "smpl",
    betas: meanBetas(found),
    camera: { focal: WILD_FOCAL },
    notices: [],
  };
}
