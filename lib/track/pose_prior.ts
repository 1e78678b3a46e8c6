/**
 * What is believed of a pose before anything is seen of it.
 * @module
 */
import { JOINT_NAMES } from "../geometry/mod.ts";

type JointName = typeof JOINT_NAMES[number];

const at = (name: JointName, axis: number) => JOINT_NAMES.indexOf(name) * 3 + axis;

/** Arms that hang half down, [72]: nobody stands in a T. */
export const meanPose: Float64Array = (() => {
  const pose = new Float64Array(72);
  pose[at("left_shoulder", 2)] = -1;
  pose[at("right_shoulder", 2)] = 1;
  pose[at("left_elbow", 1)] = -0.2;
  pose[at("right_elbow", 1)] = 0.2;
  pose[at("left_knee", 0)] = pose[at("right_knee", 0)] = 0.1;
  return pose;
})();

/** Somebody who stands upright, arms down, [72]. */
export const standingPose: Float64Array = (() => {
  const pose = meanPose.slice();
  pose[at("left_shoulder", 2)] = -1.3;
  pose[at("right_shoulder", 2)] = 1.3;
  pose[at("left_knee", 0)] = pose[at("right_knee", 0)] = 0;
  return pose;
})();

/** How little a joint is believed to turn, [72]: weights of squared radians off the mean pose. */
export const poseWeights: Float64Array = (() => {
  const stiff: Partial<Record<string, number>> = {
    pelvis: 0,
    hip: 0.6,
    knee: 0.5,
    shoulder: 0.3,
    elbow: 0.4,
    spine1: 3,
    spine2: 4,
    spine3: 4,
    neck: 2,
    head: 2,
    collar: 4,
    ankle: 3,
    wrist: 6,
    foot: 10,
    hand: 30,
  };
  const weights = Float64Array.from({ length: 72 }, (_, i) => {
    const name = JOINT_NAMES[Math.floor(i / 3)];
    return stiff[name] ?? stiff[name.replace(/^(left|right)_/, "")] ?? 1;
  });
  // Hinges: a knee or an elbow hardly turns about its other axes.
  for (const side of ["left", "right"] as const) {
    for (const axis of [1, 2]) weights[at(`${side}_knee`, axis)] = 8;
    for (const axis of [0, 2]) weights[at(`${side}_elbow`, axis)] = 2;
  }
  return weights;
})();

/** Sign in which each angle may grow from 0, [72]; 0: it may go both ways. */
export const bendSigns: Float64Array = (() => {
  const signs = new Float64Array(72);
  signs[at("left_knee", 0)] = signs[at("right_knee", 0)] = 1;
  signs[at("left_elbow", 1)] = -1;
  signs[at("right_elbow", 1)] = 1;
  return signs;
})();

/**
 * Deviation of a spot's acceleration, metres a second², by the joint it moves with: trunks are calm,
 * hands are not.
 */
export function accelerationOf(joint: number): number {
  const name = JOINT_NAMES[joint];
  if (/wrist|hand/.test(name)) return 30;
  if (/elbow|ankle|foot/.test(name)) return 20;
  return /knee/.test(name) ? 12 : 6;
}
