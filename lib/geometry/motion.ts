/**
 * Motions: SMPL poses over time, their resampling and placing.
 * @module
 */

import { InputError } from "../errors.ts";
import type { BodyMesh } from "./body.ts";
import {
  fromAxisAngle,
  multiply,
  type Quaternion,
  rotate,
  slerp,
  toAxisAngle,
} from "./quaternion.ts";

/** Poses of one person over time. Y up, metres, radians. */
export interface Motion {
  /** Frames a second. */
  readonly fps: number;
  /** N */
  readonly frames: number;
  /** [N·72] axis-angle of the 24 joints. */
  readonly poses: Float32Array;
  /** [N·3] what `BodyMesh.pose` takes as translation. */
  readonly translations: Float32Array;
}

/** Options of {@link resampleMotion}. */
export interface ResampleOptions {
  /** Rate asked for, frames a second. */
  fps: number;
  /** How many; default what the motion's length gives. Past its end the last pose is held. */
  frames?: number;
  /** Seconds that are passed over; below 0 the first pose is held so long. Default 0. */
  start?: number;
}

/** Frame `index` of a motion as `BodyMesh.pose` takes it; the arrays are views. */
export function motionFrame(
  motion: Motion,
  index: number,
): { pose: Float32Array; translation: [number, number, number] } {
  const [x, y, z] = motion.translations.subarray(index * 3, index * 3 + 3);
  return { pose: motion.poses.subarray(index * 72, index * 72 + 72), translation: [x, y, z] };
}

/** A motion of more frames, hours long, is taken for one with a wrong rate. */
const MAX_FRAMES = 1e6;

/** Throws InputError unless both are usable. */
function checkRate(fps: number, frames: number): void {
  if (!Number.isFinite(fps) || fps <= 0) {
    throw new InputError(`cannot use ${fps} frames per second, expected a positive number`);
  }
  if (!Number.isInteger(frames) || frames < 1 || frames > MAX_FRAMES) {
    throw new InputError(`cannot make a motion of ${frames} frames, expected 1 to ${MAX_FRAMES}`);
  }
}

/**
 * The motion at another rate: rotations by spherical interpolation of quaternions, translations
 * linearly. Frame k is the motion at start + k / fps seconds. Throws InputError for a rate or a number of
 * frames that is not positive.
 */
export function resampleMotion(
  motion: Motion,
  { fps, frames, start = 0 }: ResampleOptions,
): Motion {
  // 1e-6: a whole number of frames must survive rounding, for example at 29.97 frames a second
  const count = frames ??
    Math.max(0, Math.floor(((motion.frames - 1) / motion.fps - start) * fps + 1e-6)) + 1;
  checkRate(fps, count);
  const poses = new Float32Array(count * 72);
  const translations = new Float32Array(count * 3);
  for (let frame = 0; frame < count; frame++) {
    const wanted = (frame / fps + start) * motion.fps;
    const at = Math.max(0, Math.min(wanted, motion.frames - 1));
    const from = Math.min(Math.floor(at), motion.frames - 1);
    const to = Math.min(from + 1, motion.frames - 1);
    blend(motion, { from, to, t: at - from }, { poses, translations }, frame);
  }
  return { fps, frames: count, poses, translations };
}

/**
 * The motion with the frames that are not `known` interpolated between their neighbours: rotations
 * spherically, places linearly. Before the first and after the last known frame that one is held.
 */
export function fillGaps(motion: Motion, known: readonly boolean[]): Motion {
  const out = { ...motion, poses: motion.poses.slice(), translations: motion.translations.slice() };
  for (let frame = 0; frame < motion.frames; frame++) {
    if (known[frame]) continue;
    const before = known.lastIndexOf(true, frame), after = known.indexOf(true, frame);
    const from = before < 0 ? after : before, to = after < 0 ? before : after;
    if (from < 0) return out;
    blend(motion, { from, to, t: from === to ? 0 : (frame - from) / (to - from) }, out, frame);
  }
  return out;
}

/** Writes into frame `into` of `out` what lies between two frames of a motion. */
function blend(
  motion: Motion,
  { from, to, t }: { from: number; to: number; t: number },
  out: Pick<Motion, "poses" | "translations">,
  into: number,
): void {
  for (let joint = 0; joint < 72; joint += 3) {
    const a = fromAxisAngle(motion.poses, from * 72 + joint);
    const b = fromAxisAngle(motion.poses, to * 72 + joint);
    out.poses.set(toAxisAngle(slerp(a, b, t)), into * 72 + joint);
  }
  for (let axis = 0; axis < 3; axis++) {
    const a = motion.translations[from * 3 + axis], b = motion.translations[to * 3 + axis];
    out.translations[into * 3 + axis] = a + (b - a) * t;
  }
}

/** The motion with every translation moved by `shift` (metres). */
function shiftMotion(motion: Motion, shift: readonly number[]): Motion {
  const translations = motion.translations.map((value, i) => value + shift[i % 3]);
  return { ...motion, translations };
}

/**
 * Puts the subject on the floor at the origin: the pelvis of frame 0 comes to x = z = 0, the lowest
 * skin vertex of frame 0 to y = 0. Shape coefficients as for `BodyMesh.pose`.
 */
export function groundMotion(motion: Motion, body: BodyMesh, shape?: ArrayLike<number>): Motion {
  const { vertices, joints } = body.pose({ ...motionFrame(motion, 0), shape });
  let lowest = Infinity;
  for (const corner of body.bodyFaces) lowest = Math.min(lowest, vertices[corner * 3 + 1]);
  return shiftMotion(motion, [-joints[0], -lowest, -joints[2]]);
}

/**
 * The motion seen in other axes: every frame turned about the world's origin by `turn`. `pelvis` is
 * the rest place of the root joint, since SMPL turns the body about it and not about the origin.
 */
export function rotateMotion(
  motion: Motion,
  turn: Quaternion,
  pelvis: ArrayLike<number>,
): Motion {
  const poses = motion.poses.slice();
  const translations = motion.translations.slice();
  for (let frame = 0; frame < motion.frames; frame++) {
    const root = fromAxisAngle(poses, frame * 72);
    poses.set(toAxisAngle(multiply(turn, root)), frame * 72);
    const place = [0, 1, 2].map((axis) => pelvis[axis] + translations[frame * 3 + axis]);
    rotate(turn, place).forEach((value, axis) => {
      translations[frame * 3 + axis] = value - pelvis[axis];
    });
  }
  return { ...motion, poses, translations };
}
