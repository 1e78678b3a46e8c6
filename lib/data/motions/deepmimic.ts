/**
 * Clips of DeepMimic's humanoid, as pybullet brings them (`humanoid3d_*.txt`): quaternions of eight
 * joints, angles of knees and elbows.
 * @module
 */

import { InputError } from "../../errors.ts";
import {
  multiply,
  type Quaternion,
  retargetMotion,
  rotate,
  type SourceJoint,
} from "../../geometry/mod.ts";
import { readJson } from "../../io/mod.ts";
import type { MotionFile } from "./motion_file.ts";

/** Joints in the order of a frame's numbers, each with its place in the parent's frame, metres. */
const JOINTS: readonly (SourceJoint & { readonly hinge?: true })[] = [
  { drives: "pelvis", parent: -1, offset: [0, 0, 0] },
  { drives: "spine3", parent: 0, offset: [0, 0.236, 0] },
  { drives: "head", parent: 1, offset: [0, 0.224, 0] },
  { drives: "right_hip", parent: 0, offset: [-0.085, 0, 0] },
  { drives: "right_knee", parent: 3, offset: [0, -0.422, 0], hinge: true },
  { drives: "right_ankle", parent: 4, offset: [0, -0.41, 0] },
  { drives: "right_shoulder", parent: 1, offset: [-0.183, 0.244, -0.024] },
  { drives: "right_elbow", parent: 6, offset: [0, -0.275, 0], hinge: true },
  { drives: "left_hip", parent: 0, offset: [0.085, 0, 0] },
  { drives: "left_knee", parent: 8, offset: [0, -0.422, 0], hinge: true },
  { drives: "left_ankle", parent: 9, offset: [0, -0.41, 0] },
  { drives: "left_shoulder", parent: 1, offset: [0.183, 0.244, -0.024] },
  { drives: "left_elbow", parent: 11, offset: [0, -0.275, 0], hinge: true },
];
/** Where the forearms end, so that their direction is known. */
const WRISTS: readonly SourceJoint[] = [
  { drives: "right_wrist", parent: 7, offset: [0, -0.259, 0] },
  { drives: "left_wrist", parent: 12, offset: [0, -0.259, 0] },
];
/** Seconds, place (3), root (4), then the joints. */
const COLUMNS = 44;
/** A quarter turn that takes the humanoid's forward, +X, to +Z. */
const FORWARD: Quaternion = [Math.SQRT1_2, 0, -Math.SQRT1_2, 0];
const BACK: Quaternion = [Math.SQRT1_2, 0, Math.SQRT1_2, 0];

/** Reads a clip. Throws InputError for anything else. */
export async function readDeepMimicMotion(path: string): Promise<MotionFile> {
  const rows = (await readJson(path) as { Frames?: unknown } | null)?.Frames;
  if (!Array.isArray(rows) || rows.length === 0) {
    throw new InputError(`cannot read "${path}" as a clip of DeepMimic: it has no Frames`);
  }
  rows.forEach((row: unknown, frame) => {
    if (Array.isArray(row) && row.length === COLUMNS && row.every(Number.isFinite)) return;
    throw new InputError(
      `cannot read "${path}": frame ${frame} has not the ${COLUMNS} numbers of humanoid3d`,
    );
  });
  const frames = rows as number[][];
  const fps = 1 / frames[0][0];
  if (!(fps > 0 && Number.isFinite(fps))) {
    throw new InputError(`"${path}" has frames of ${frames[0][0]} s, expected more than 0`);
  }
  const motion = retargetMotion({
    fps,
    joints: [...JOINTS, ...WRISTS],
    turns: frames.map(turnsOf),
    roots: frames.map(([, x, y, z]) => rotate(FORWARD, [x, y, z])),
  });
  return { motion, rateKnown: true, up: "y", origin: "body", notices: [] };
}

function turnsOf(row: readonly number[]): Quaternion[] {
  let at = 4;
  const turns = JOINTS.map(({ hinge }): Quaternion => {
    if (hinge) {
      const half = row[at++] / 2;
      // About the humanoid's +Z, its right: our −X.
      return [Math.cos(half), -Math.sin(half), 0, 0];
    }
    const [w, x, y, z] = row.slice(at, at += 4);
    const size = Math.hypot(w, x, y, z);
    return multiply(
      multiply(FORWARD, [w / size, x / size, y / size, z / size]),
      BACK,
    );
  });
  return [...turns, ...WRISTS.map((): Quaternion => [1, 0, 0, 0])];
}
