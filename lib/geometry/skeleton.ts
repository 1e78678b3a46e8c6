/**
 * SMPL's 24 joints (Loper et al. 2015): names, tree, and a rest skeleton of common proportions for
 * work that needs no mesh.
 * @module
 */

/** Joints of SMPL, and so of every body here. */
export const JOINT_COUNT = 24;

/** SMPL's joint names, in its order. */
// deno-fmt-ignore
export const JOINT_NAMES = [
  "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle",
  "right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head",
  "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
  "left_hand", "right_hand",
] as const;

/** One of SMPL's joint names. */
export type JointName = typeof JOINT_NAMES[number];

/** Parent of each joint, −1 for the root. */
// deno-fmt-ignore
export const JOINT_PARENTS: Int32Array = Int32Array.of(
  -1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21,
);

/** Left half and middle of the rest joints of `weights/body.safetensors`, rounded; metres. */
const REST: Partial<Record<JointName, [number, number, number]>> = {
  pelvis: [0, 0.954, 0],
  left_hip: [0.101, 0.866, 0.03],
  spine1: [0, 1.02, 0.015],
  left_knee: [0.136, 0.474, 0.063],
  spine2: [0, 1.095, 0.017],
  left_ankle: [0.121, 0.067, 0.048],
  spine3: [0, 1.239, 0.007],
  left_foot: [0.15, 0.024, 0.177],
  neck: [0, 1.414, 0.031],
  left_collar: [0.061, 1.351, 0.047],
  head: [0, 1.515, 0.07],
  left_shoulder: [0.173, 1.336, 0.045],
  left_elbow: [0.415, 1.336, 0.045],
  left_wrist: [0.654, 1.336, 0.045],
  left_hand: [0.752, 1.336, 0.045],
};

/** [24·3] rest joints of a common adult who stands on y = 0 with the pelvis over the origin. */
export const NOMINAL_JOINTS: Float64Array = Float64Array.from(
  JOINT_NAMES.flatMap((name) => {
    const [x, y, z] = REST[name] ?? REST[name.replace("right_", "left_") as JointName]!;
    return [name.startsWith("right_") ? -x : x, y, z];
  }),
);

/** Number of a joint. */
export function jointIndex(name: JointName): number {
  return JOINT_NAMES.indexOf(name);
}
