/**
 * What somebody who has only the reference picture could take for the person's mask, pose, shape and
 * camera: the true ones, a little wrong, since generation has to live with estimates.
 * @module
 */
import {
  type BodyMesh,
  type BodyPose,
  type Camera,
  projectPoints,
  type Random,
} from "../../geometry/mod.ts";
import type { SynthReference } from "./reference.ts";
import { tilingNoise } from "./texture.ts";

/** An inexact mask, pose and camera of a reference picture. */
export interface ReferenceEstimate {
  /** 255 where the person is taken to be, [H*W]. */
  readonly mask: Uint8Array;
  /** The pose, with the shape. */
  readonly pose: BodyPose;
  /** The camera. */
  readonly camera: Camera;
}

/** Standard deviations of what estimates get wrong. */
const WRONG = {
  /** Turn of each joint, radians a coordinate. */
  joint: 2.5 * Math.PI / 180,
  /** Each coefficient of the shape. */
  shape: 0.25,
  /** Place, as a share of the picture's height where the person stands: 1 to 2 cm of a whole one. */
  place: 0.006,
  /** Share of the focal length. */
  focal: 0.03,
} as const;

/** Most that the mask's edge is off, as a share of the picture's smaller side. */
const EDGE = 0.016;
/** Bumps of the edge's error over the picture. */
const BUMPS = 9;

/** Draws an estimate of a reference picture; some are good and some are poor. */
export function estimateReference(
  body: BodyMesh,
  reference: SynthReference,
  random: Random,
): ReferenceEstimate {
  const { referencePose, referenceCamera, referenceMask } = reference;
  const severity = random.range(0.2, 1.4);
  const off = (deviation: number) => random.normal() * deviation * severity;
  const { width, height, fx, fy, rotation, translation } = referenceCamera;
  const joints = body.poseJoints(referencePose);
  const [x, y, z] = joints;
  const depth = rotation[6] * x + rotation[7] * y + rotation[8] * z + translation[2];
  const zoom = 1 + off(WRONG.focal);
  const camera = {
    ...referenceCamera,
    fx: fx * zoom,
    fy: fy * zoom,
    // A fit to the picture makes up for a wrong focal length by the distance.
    translation: translation.map((value, axis) => axis === 2 ? value + (zoom - 1) * depth : value),
  };
  const wrong = {
    ...referencePose,
    pose: Float32Array.from(referencePose.pose, (value) => value + off(WRONG.joint)),
    shape: Float32Array.from(referencePose.shape!, (value) => value + off(WRONG.shape)),
  };
  const drift = meanDrift(referenceCamera, joints, body.poseJoints(wrong));
  const place = WRONG.place * height * depth / fy;
  const moved = (axis: number) => referencePose.translation[axis] - drift[axis] + off(place);
  const pose: BodyPose = { ...wrong, translation: [moved(0), moved(1), moved(2)] };
  return { mask: waver(referenceMask, { width, height }, random, severity), pose, camera };
}

/** How far the joints [24*3] that the camera sees went on average: a fit leaves nothing of it. */
function meanDrift(camera: Camera, from: Float32Array, to: Float32Array): number[] {
  const { uv, depth } = projectPoints(camera, from);
  const seen = Array.from(depth, (_, joint) => joint).filter((joint) =>
    uv[joint * 2] > 0 && uv[joint * 2] < camera.width &&
    uv[joint * 2 + 1] > 0 && uv[joint * 2 + 1] < camera.height
  );
  const counted = seen.length > 0 ? seen : [...depth.keys()];
  return [0, 1, 2].map((axis) =>
    counted.reduce((sum, j) => sum + to[j * 3 + axis] - from[j * 3 + axis], 0) / counted.length
  );
}

/** The mask with its edge moved in and out smoothly. */
function waver(
  mask: Uint8Array,
  { width, height }: { width: number; height: number },
  random: Random,
  severity: number,
): Uint8Array {
  const noise = tilingNoise(random, BUMPS);
  const most = EDGE * Math.min(width, height) * severity;
  const reach = Math.ceil(most) + 1;
  const outside = distances(mask, width, (value) => value > 0, reach);
  const inside = distances(mask, width, (value) => value === 0, reach);
  return mask.map((_, at) => {
    const u = (at % width) / width, v = Math.floor(at / width) / height;
    // Half a pixel: the edge lies between the last pixel inside and the first outside.
    const away = outside[at] > 0 ? outside[at] - 0.5 : 0.5 - inside[at];
    return away < (2 * noise(u, v) - 1) * most ? 255 : 0;
  });
}

/** Steps of each pixel to the nearest one that `isGoal` takes, up to `most` (octagonal distance). */
function distances(
  mask: Uint8Array,
  width: number,
  isGoal: (value: number) => boolean,
  most: number,
): Float32Array {
  const far = Float32Array.from(mask, (value) => isGoal(value) ? 0 : most);
  const pass = (first: number, step: number) => {
    for (let at = first; at >= 0 && at < far.length; at += step) {
      const x = at % width;
      const behind = step > 0 ? x > 0 : x < width - 1, ahead = step > 0 ? x < width - 1 : x > 0;
      const row = at - step * width;
      const within = row >= 0 && row < far.length;
      let best = far[at];
      if (behind) best = Math.min(best, far[at - step] + 1);
      if (within) best = Math.min(best, far[row] + 1);
      if (within && behind) best = Math.min(best, far[row - step] + Math.SQRT2);
      if (within && ahead) best = Math.min(best, far[row + step] + Math.SQRT2);
      far[at] = best;
    }
  };
  pass(0, 1);
  pass(far.length - 1, -1);
  return far;
}
