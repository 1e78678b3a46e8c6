/**
 * Motions by name or from files: `builtin:walk`, AMASS and SMPL `.npz`, our own JSON.
 * @module
 */

import { InputError } from "../errors.ts";
import {
  type BodyMesh,
  builtinMotion,
  groundMotion,
  type Motion,
  motionNames,
  type Random,
  resampleMotion,
  rotateMotion,
} from "../geometry/mod.ts";
import { writeText } from "../io/mod.ts";
import type { MotionFile } from "./motion_file.ts";
import { readJsonMotion } from "./motion_files_json.ts";
import { readNpzMotion } from "./motion_files_npz.ts";

/** Options of {@link loadMotion}. */
export interface LoadMotionOptions {
  /** The body that will move; it decides the height over the floor. */
  body: BodyMesh;
  /** Its shape coefficients; default the mean shape. */
  shape?: ArrayLike<number>;
  /** Rate asked for; default the file's, for built-in motions 8. */
  fps?: number;
  /** Frames asked for; default the whole file, for built-in motions 17. */
  frames?: number;
  /** `origin` (default): on the floor at x = z = 0 in frame 0. `keep`: where the file says. */
  placement?: "origin" | "keep";
  /** Variety of a built-in motion; without it the plain movement. */
  style?: Random;
  /** Whether a built-in walk or run stays where it is. */
  inPlace?: boolean;
}

/** A motion ready for the body, and what the user should know about it. */
export interface LoadedMotion {
  /** Y up, at the asked rate, placed. */
  motion: Motion;
  /** SMPL's shape coefficients, where the file has them and the body can use them. */
  shape?: Float32Array;
  /** Remarks for people, one line each. */
  notices: string[];
}

/**
 * Rest pelvis of SMPL's neutral mean body, metres: SMPL's origin lies at chest height, so a
 * translation of SMPL puts the pelvis here plus itself.
 */
const SMPL_PELVIS = [-0.0018, -0.2233, 0.0282] as const;

/** −90° about X: Z up becomes Y up. */
const Z_UP_TO_Y_UP: [number, number, number, number] = [Math.SQRT1_2, -Math.SQRT1_2, 0, 0];

function namedMotion(name: string, options: LoadMotionOptions): LoadedMotion {
  const { body, shape, fps = 8, frames = 17, style, inPlace, placement = "origin" } = options;
  const motion = builtinMotion(name, { body, shape, fps, frames, style, inPlace });
  const placed = placement === "keep" ? motion : groundMotion(motion, body, shape);
  return { motion: placed, notices: [] };
}

async function readMotionFile(path: string): Promise<MotionFile> {
  const extension = /\.[^./]+$/.exec(path)?.[0].toLowerCase();
  if (extension === ".npz") return await readNpzMotion(path);
  if (extension === ".json") return await readJsonMotion(path);
  throw new InputError(
    `cannot read "${path}" as a motion: expected .npz (AMASS or SMPL), .json or builtin:NAME with ` +
      `NAME one of ${motionNames.join(", ")}`,
  );
}

/** From the file's axes and origin to the body's: Y up, translation as the body takes it. */
function fitToBody({ motion, up, origin }: MotionFile, body: BodyMesh): Motion {
  const upright = up === "z" ? rotateMotion(motion, Z_UP_TO_Y_UP, SMPL_PELVIS) : motion;
  if (origin === "body" || body.takesSmplBetas) return upright;
  const translations = upright.translations.map((value, i) =>
    value + SMPL_PELVIS[i % 3] - body.restJoints[i % 3]
  );
  return { ...upright, translations };
}

/**
 * The motion that `spec` names: `builtin:NAME`, or the path of an AMASS `.npz` (poses [N,156],
 * trans, mocap_framerate; Z up), an SMPL `.npz` (poses [N,72], or global_orient with body_pose;
 * trans or transl; Y up) or our JSON. Returned with Y up, at the rate asked for, the subject on the
 * floor at the origin unless `placement` says otherwise.
 *
 * Throws InputError for an unknown name and for a missing, empty, truncated or foreign file, wrong
 * sizes, numbers that are not finite, no frames, or a rate that is not positive.
 */
export async function loadMotion(spec: string, options: LoadMotionOptions): Promise<LoadedMotion> {
  if (spec.startsWith("builtin:")) return namedMotion(spec.slice("builtin:".length), options);
  const { body, shape, frames, placement = "origin" } = options;
  const file = await readMotionFile(spec);
  const notices = [...file.notices];
  if (file.betas !== undefined && !body.takesSmplBetas) {
    notices.push(`the betas in "${spec}" are ignored: SMPL's shapes mean nothing for this body`);
  }
  const fps = options.fps ?? file.motion.fps;
  const length = (file.motion.frames - 1) / file.motion.fps;
  if (frames !== undefined && (frames - 1) / fps > length + 1e-6) {
    notices.push(
      `"${spec}" lasts ${length.toFixed(2)} s, ${frames} frames at ${fps} fps take ` +
        `${((frames - 1) / fps).toFixed(2)} s: its last pose is held`,
    );
  }
  const fitted = fitToBody(file, body);
  const resampled = resampleMotion(fitted, { fps, frames });
  const usedBetas = body.takesSmplBetas ? file.betas : undefined;
  const motion = placement === "keep"
    ? resampled
    : groundMotion(resampled, body, shape ?? usedBetas);
  return { motion, shape: usedBetas, notices };
}

/**
 * Writes a motion as JSON, whole or not at all: `format`, `fps`, `poses` [N][72] (radians),
 * `translations` [N][3] (metres; what the body's `pose` takes). Throws IoError when the disk or the
 * permissions refuse.
 */
export async function writeMotion(path: string, motion: Motion): Promise<void> {
  const rows = (values: Float32Array, width: number) =>
    Array.from({ length: motion.frames }, (_, frame) =>
      // float32 has seven digits; more would only be noise of the conversion
      Array.from(
        values.subarray(frame * width, (frame + 1) * width),
        (x) => Number(x.toPrecision(8)),
      ));
  const poses = rows(motion.poses, 72), translations = rows(motion.translations, 3);
  const content = { format: "isa4d-motion", fps: motion.fps, poses, translations };
  await writeText(path, JSON.stringify(content) + "\n");
}
