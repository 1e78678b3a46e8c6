/**
 * Poses as 4D-Humans writes them: rotation matrices, in dictionaries of pickles.
 * @module
 */

import { InputError } from "../../errors.ts";
import { matrixToAxisAngle } from "../../geometry/mod.ts";
import { npyToFloat32 } from "../../io/mod.ts";
import { isNumericArray } from "../../io/pickle/mod.ts";

/** One person in one frame. */
export interface MatrixPose {
  /** [72] axis-angle. */
  pose: Float32Array;
  /** SMPL's shape coefficients. */
  betas: Float32Array;
}

/** Numbers of an array or list; undefined for anything else. */
export function numbersOf(value: unknown): Float32Array | undefined {
  if (isNumericArray(value)) return npyToFloat32(value);
  if (!Array.isArray(value) || !value.every((item) => typeof item === "number")) return undefined;
  return Float32Array.from(value);
}

/** Whether the nine numbers are a rotation, up to what float32 and a network's output leave. */
function isRotation(m: Float32Array, at: number): boolean {
  for (let row = 0; row < 3; row++) {
    for (let other = row; other < 3; other++) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += m[at + row * 3 + k] * m[at + other * 3 + k];
      // Written so that NaN fails.
      if (!(Math.abs(sum - (row === other ? 1 : 0)) < 0.02)) return false;
    }
  }
  return true;
}

/** The first person's numbers of an array with one row a person, or of an array for one person. */
function firstOf(
  fields: ReadonlyMap<unknown, unknown>,
  name: string,
  { size, label }: { size: number; label: string },
): Float32Array {
  const values = numbersOf(fields.get(name));
  if (values === undefined || values.length === 0 || values.length % size !== 0) {
    const found = values === undefined ? "missing" : `${values.length} numbers`;
    throw new InputError(`cannot read ${label}: smpl's ${name} is ${found}, expected ${size}`);
  }
  return values.subarray(0, size);
}

/**
 * The pose of SMPL's result: `global_orient` [1,3,3], `body_pose` [23,3,3], `betas` [10], each perhaps
 * with an axis of persons in front, of whom the first is taken. `label` names file and frame.
 */
export function poseOfMatrices(fields: ReadonlyMap<unknown, unknown>, label: string): MatrixPose {
  const root = firstOf(fields, "global_orient", { size: 9, label });
  const body = firstOf(fields, "body_pose", { size: 207, label });
  const betas = firstOf(fields, "betas", { size: 10, label }).slice();
  const matrices = new Float32Array(216);
  matrices.set(root);
  matrices.set(body, 9);
  const pose = new Float32Array(72);
  for (let joint = 0; joint < 24; joint++) {
    if (!isRotation(matrices, joint * 9)) {
      throw new InputError(`cannot read ${label}: smpl's joint ${joint} is no rotation matrix`);
    }
    pose.set(matrixToAxisAngle(matrices, joint * 9), joint * 3);
  }
  if (!betas.every(Number.isFinite)) {
    throw new InputError(`cannot read ${label}: smpl's betas are no numbers`);
  }
  return { pose, betas };
}

/** Mean of the frames' shapes: a person has one. */
export function meanBetas(frames: readonly MatrixPose[]): Float32Array {
  const mean = new Float32Array(10);
  for (const { betas } of frames) betas.forEach((value, i) => mean[i] += value / frames.length);
  return mean;
}
