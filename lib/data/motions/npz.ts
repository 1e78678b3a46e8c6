/**
 * Motions in NumPy archives: AMASS (SMPL+H and SMPL-X, Z up), plain SMPL (Y up), champ's.
 * @module
 */

import { InputError } from "../../errors.ts";
import { type NpyArray, npyToFloat32, readNpz } from "../../io/mod.ts";
import { DEFAULT_FPS, type MotionFile } from "./motion_file.ts";
import { readChampMotion } from "./champ.ts";

/** Columns of AMASS poses: SMPL+H, SMPL-X. Both begin with the root and 21 body joints. */
const AMASS_COLUMNS = [156, 165];
/** Root and body joints that AMASS shares with SMPL; SMPL's last two joints are the hands. */
const SHARED_COLUMNS = 66;
/** Names of whole poses. */
const POSES = ["poses", "smpl_poses", "pose"];

type Arrays = ReadonlyMap<string, NpyArray>;

/** The first of these arrays that the file has. */
function first(arrays: Arrays, names: readonly string[]) {
  const name = names.find((candidate) => arrays.has(candidate));
  return name === undefined ? undefined : { name, array: arrays.get(name)! };
}

const sizes = (array: NpyArray) => `[${array.shape.join(",")}]`;

/** Rows of numbers, flat; all axes after the first count as columns. */
interface Rows {
  count: number;
  columns: number;
  values: Float32Array;
}

function rows(path: string, name: string, array: NpyArray): Rows {
  if (array.shape.length < 2) {
    throw new InputError(
      `cannot read "${path}": ${name} is ${sizes(array)}, expected a row a frame`,
    );
  }
  const columns = array.shape.slice(1).reduce((a, b) => a * b, 1);
  const values = npyToFloat32(array);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const frame = Math.floor(bad / columns);
    throw new InputError(
      `cannot read "${path}": ${name} has ${values[bad]} in frame ${frame}, expected a number`,
    );
  }
  return { count: array.shape[0], columns, values };
}

/** `columns` columns of each row, as the first columns of a row of 72. */
function spread(from: Rows, columns: number, into: Float32Array, at: number): void {
  for (let frame = 0; frame < from.count; frame++) {
    const start = frame * from.columns;
    into.set(from.values.subarray(start, start + columns), frame * 72 + at);
  }
}

/** Poses as SMPL's [N,72], and whether they are AMASS's. */
function readPoses(path: string, arrays: Arrays): { poses: Float32Array; amass: boolean } {
  const whole = first(arrays, POSES);
  if (whole !== undefined) {
    const found = rows(path, whole.name, whole.array);
    const amass = AMASS_COLUMNS.includes(found.columns);
    if (!amass && found.columns !== 72) {
      throw new InputError(
        `cannot read "${path}": ${whole.name} has ${found.columns} columns, expected 156 or 165 ` +
          `(AMASS) or 72 (SMPL)`,
      );
    }
    const poses = new Float32Array(found.count * 72);
    spread(found, amass ? SHARED_COLUMNS : 72, poses, 0);
    return { poses, amass };
  }
  const root = first(arrays, ["global_orient"]), body = first(arrays, ["body_pose"]);
  if (root === undefined || body === undefined) {
    const names = [...arrays.keys()].join(", ") || "none";
    throw new InputError(
      `cannot read "${path}" as a motion: it has the arrays ${names}; expected poses [N,156] ` +
        `(AMASS) or [N,72] (SMPL), or global_orient [N,3] with body_pose [N,69]`,
    );
  }
  const orient = rows(path, root.name, root.array), bodyPose = rows(path, body.name, body.array);
  const fits = orient.columns === 3 && [63, 69].includes(bodyPose.columns) &&
    orient.count === bodyPose.count;
  if (!fits) {
    throw new InputError(
      `cannot read "${path}": global_orient is ${sizes(root.array)} and body_pose ` +
        `${sizes(body.array)}, expected [N,3] and [N,69] or [N,63] axis-angle`,
    );
  }
  const poses = new Float32Array(orient.count * 72);
  spread(orient, 3, poses, 0);
  spread(bodyPose, bodyPose.columns, poses, 3);
  return { poses, amass: false };
}

function readTranslations(path: string, arrays: Arrays, frames: number): Float32Array | undefined {
  const found = first(arrays, ["trans", "transl", "smpl_trans", "translation"]);
  if (found === undefined) return undefined;
  const { count, columns, values } = rows(path, found.name, found.array);
  if (columns !== 3 || count !== frames) {
    throw new InputError(
      `cannot read "${path}": ${found.name} is ${sizes(found.array)}, expected [${frames},3] for ` +
        `${frames} poses`,
    );
  }
  return values;
}

function readRate(path: string, arrays: Arrays): number | undefined {
  const found = first(arrays, ["mocap_framerate", "mocap_frame_rate", "fps"]);
  if (found === undefined) return undefined;
  const fps = Number(found.array.data[0]);
  if (!Number.isFinite(fps) || fps <= 0) {
    throw new InputError(
      `cannot read "${path}": ${found.name} is ${fps}, expected a positive number`,
    );
  }
  return fps;
}

/** Reads a motion from an AMASS, SMPL or champ `.npz`. Throws InputError for anything else. */
export async function readNpzMotion(path: string): Promise<MotionFile> {
  const arrays = await readNpz(path);
  // Champ's poses are objects, which that leaves out.
  const champ = first(arrays, [...POSES, "global_orient"])
    ? undefined
    : await readChampMotion(path);
  if (champ) return champ;
  const notices: string[] = [];
  const { poses, amass } = readPoses(path, arrays);
  const frames = poses.length / 72;
  if (frames === 0) throw new InputError(`cannot read "${path}": it has no frames`);
  const fps = readRate(path, arrays);
  const translations = readTranslations(path, arrays, frames);
  if (translations === undefined) notices.push(`"${path}" has no trans: the body stays in place`);
  const betas = arrays.get("betas");
  return {
    motion: {
      fps: fps ?? DEFAULT_FPS,
      frames,
      poses,
      translations: translations ?? new Float32Array(frames * 3),
    },
    rateKnown: fps !== undefined,
    up: amass ? "z" : "y",
    origin: "smpl",
    betas: betas === undefined ? undefined : npyToFloat32(betas),
    notices,
  };
}
