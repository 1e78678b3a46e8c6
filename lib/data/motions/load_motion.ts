/**
 * Motions by name or from files, laid onto a body, and our own JSON.
 * @module
 */

import { naming } from "../../errors.ts";
import {
  type BodyMesh,
  builtinMotion,
  type Camera,
  type CameraPath,
  fitStride,
  formatCameras,
  groundMotion,
  type Motion,
  type Quaternion,
  type Random,
  resampleCameras,
  resampleMotion,
  rotateMotion,
  shiftCamera,
  type Smoothing,
  smoothMotion,
} from "../../geometry/mod.ts";
import { writeText } from "../../io/mod.ts";
import { checkBuiltin } from "./builtin_names.ts";
import { captureNames, readCaptures } from "./captured.ts";
import type { MotionCamera, MotionFile } from "./motion_file.ts";
import { parseMotionSpec } from "./motion_spec.ts";
import { readMotionFile } from "./read_motion_file.ts";
import { SMPL_PELVIS, SMPLX_PELVIS } from "./rest_pelvis.ts";

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
  /** Seconds of the file's motion that are passed over; below 0 its first pose is held so long. */
  start?: number;
  /** How a file's motion is smoothed, at its own rate; default not at all. */
  smooth?: Smoothing;
  /** Variety of a built-in motion; without it the plain movement. */
  style?: Random;
  /** Whether a built-in walk or run stays where it is. */
  inPlace?: boolean;
}

/** A motion ready for the body, and what the user should know about it. */
export interface LoadedMotion {
  /** Y up, at the asked rate, placed. */
  motion: Motion;
  /** Shape coefficients, where the file has such as the body can use. */
  shape?: Float32Array;
  /**
   * The camera that saw the motion, where the file tells, placed as the motion is: one for all frames, or
   * one a frame. `size` is the picture's, in pixels, where the file does not say it.
   */
  cameras?: (size: { readonly width: number; readonly height: number }) => CameraPath;
  /** Seconds into the recording at which this person is first seen, where it shows several. */
  begins?: number;
  /** Metres that the motion was moved by to stand where it does. */
  shift?: readonly number[];
  /** Remarks for people, one line each. */
  notices: string[];
}

/** What turns a file's axes to Y up: −90° about X, and for a camera's axes (Y down) half a turn. */
export const UPRIGHT: Readonly<Record<"z" | "camera", Quaternion>> = {
  z: [Math.SQRT1_2, -Math.SQRT1_2, 0, 0],
  camera: [0, 1, 0, 0],
};

async function namedMotion(name: string, options: LoadMotionOptions): Promise<LoadedMotion> {
  const { body, shape, fps, frames, start, style, inPlace, placement = "origin" } = options;
  const place = (motion: Motion) =>
    placement === "keep" ? motion : groundMotion(motion, body, shape);
  if (captureNames.some((capture) => capture === name)) {
    const captured = (await readCaptures()).get(name)!;
    const window = resampleMotion(captured, { fps: fps ?? captured.fps, frames, start });
    const notices = lengthRemarks(`builtin:${name}`, captured, options);
    return { motion: place(fitStride(window, body, shape)), notices };
  }
  checkBuiltin(name);
  const length = { fps: fps ?? 8, frames: frames ?? 17 };
  return {
    motion: place(builtinMotion(name, { body, shape, ...length, style, inPlace })),
    notices: [],
  };
}

/** A file's motion as the body takes it, Y up, and the rest place its own translations are added to. */
function fitToBody(
  { motion, up, origin }: MotionFile,
  body: BodyMesh,
  shape?: ArrayLike<number>,
): { readonly motion: Motion; readonly pelvis: readonly number[] } {
  const own = body.restJoints;
  const shaped = body.takesSmplBetas
    ? body.poseJoints({ pose: new Float32Array(72), shape }).subarray(0, 3)
    : own.subarray(0, 3);
  const plain = origin === "smpl" && body.takesSmplBetas;
  // Our JSON means the own body; on another one the pelvis goes where it says.
  const from = plain ? own : {
    smpl: SMPL_PELVIS,
    smplx: SMPLX_PELVIS,
    body: (body.spotSource ?? body).restJoints,
  }[origin];
  const shift = [0, 1, 2].map((axis) => from[axis] - own[axis]);
  const pelvis = shift.map((value, axis) => shaped[axis] + value);
  const upright = up === "y" ? motion : rotateMotion(motion, UPRIGHT[up], pelvis);
  if (plain) return { motion: upright, pelvis };
  const translations = upright.translations.map((value, i) => value + shift[i % 3]);
  return { motion: { ...upright, translations }, pelvis };
}

/** The camera of a motion in a camera's axes, which stands at the origin. */
function cameraOf(
  { focal, picture }: MotionCamera,
  size: { readonly width: number; readonly height: number },
): Camera {
  const { width, height, cx, cy } = picture ??
    { ...size, cx: size.width / 2, cy: size.height / 2 };
  const f = focal * Math.max(width, height);
  return {
    ...{ width, height, fx: f, fy: f, cx, cy },
    // The file's axes are the camera's; the world's are half a turn about X away.
    rotation: Float64Array.of(1, 0, 0, 0, -1, 0, 0, 0, -1),
    translation: new Float64Array(3),
  };
}

/** The cameras that a file tells of, moved along with the motion by `shift`. */
function placeCameras(
  { camera, cameras, motion: { fps } }: MotionFile,
  { pelvis, shift, wanted }: {
    readonly pelvis: readonly number[];
    readonly shift: readonly number[];
    readonly wanted: { readonly fps: number; readonly frames: number; readonly start?: number };
  },
): LoadedMotion["cameras"] {
  if (cameras) {
    return (size) => {
      const all = cameras({ ...size, pelvis });
      const path = all.length === 1 ? all : resampleCameras({ cameras: all, fps }, wanted);
      return path.map((one) => shiftCamera(one, shift));
    };
  }
  return camera && ((size) => [shiftCamera(cameraOf(camera, size), shift)]);
}

/** What a user should know of a motion for this body, of this length. */
function remarks(
  path: string,
  { betas, motion }: MotionFile,
  options: LoadMotionOptions,
): string[] {
  const notices = lengthRemarks(path, motion, options);
  if (betas !== undefined && !options.body.takesSmplBetas) {
    notices.unshift(`the betas in "${path}" are ignored: SMPL's shapes mean nothing for this body`);
  }
  return notices;
}

function lengthRemarks(
  path: string,
  motion: Motion,
  { fps = motion.fps, frames, start = 0 }: LoadMotionOptions,
): string[] {
  const notices: string[] = [];
  const length = (motion.frames - 1) / motion.fps - start;
  if (frames !== undefined && (frames - 1) / fps > length + 1e-6) {
    notices.push(
      `"${path}" lasts ${length.toFixed(2)} s, ${frames} frames at ${fps} fps take ` +
        `${((frames - 1) / fps).toFixed(2)} s: its last pose is held`,
    );
  }
  return notices;
}

/** Geometry knows no files: what it refuses is told with the file's name. */
export function namingMotion<T>(path: string, make: () => T): T {
  return naming(`cannot use the motion of "${path}"`, make);
}

/**
 * The motion that `spec` names: `builtin:NAME`, or the path of an AMASS `.npz` (poses [N,156],
 * trans, mocap_framerate; Z up), an SMPL `.npz` (poses [N,72], or global_orient with body_pose;
 * trans or transl; Y up), champ's `smpls_group.npz`, a 4D-Humans, PHALP or WHAM `.pkl` (`#tid=N`
 * chooses the person), GVHMR's and GENMO's `hmr4d_results.pt`, TRAM's `.npy`, BVH, DeepMimic's
 * `.txt` or our JSON.
 * `#fps=X` gives a file's rate. Returned with Y up, at the rate asked for, the subject on the floor at
 * the origin unless `placement` says otherwise.
 *
 * Throws InputError for an unknown name and for a missing, empty, truncated or foreign file, wrong
 * sizes, numbers that are not finite, no frames, or a rate that is not positive.
 */
export async function loadMotion(spec: string, options: LoadMotionOptions): Promise<LoadedMotion> {
  if (spec.startsWith("builtin:")) return namedMotion(spec.slice("builtin:".length), options);
  const { body, shape, frames, smooth, start, placement = "origin" } = options;
  const parsed = parseMotionSpec(spec);
  const file = await readMotionFile(parsed);
  const notices = [...file.notices, ...remarks(parsed.path, file, options)];
  const usedBetas = body.takesSmplBetas ? file.betas : file.shape;
  const bodyShape = shape ?? usedBetas;
  const { pelvis, kept, motion } = namingMotion(parsed.path, () => {
    const { motion: fitted, pelvis } = fitToBody(file, body, bodyShape);
    const smoothed = smooth ? smoothMotion(fitted, smooth) : fitted;
    const kept = resampleMotion(smoothed, { fps: options.fps ?? file.motion.fps, frames, start });
    return {
      pelvis,
      kept,
      motion: placement === "keep" ? kept : groundMotion(kept, body, bodyShape),
    };
  });
  const shift = [0, 1, 2].map((axis) => motion.translations[axis] - kept.translations[axis]);
  const { fps, frames: length } = motion;
  const cameras = placeCameras(file, { pelvis, shift, wanted: { fps, frames: length, start } });
  const begins = file.firstFrame === undefined ? undefined : file.firstFrame / file.motion.fps;
  return { motion, shape: usedBetas, cameras, begins, shift, notices };
}

/** What goes with a motion into our JSON. */
export interface MotionExtras {
  /** Coefficients of the own body's shapes. */
  readonly shape?: ArrayLike<number>;
  /** What saw the motion: one camera, or one a frame. */
  readonly cameras?: CameraPath;
}

/**
 * Writes a motion as JSON, whole or not at all: `format`, `fps`, `poses` [N][72] (radians),
 * `translations` [N][3] (metres; what the body's `pose` takes), and where they are known `shape` and
 * `cameras` (see `formatCameras`). Throws IoError when the disk or the permissions refuse.
 */
export async function writeMotion(
  path: string,
  motion: Motion,
  { shape, cameras }: MotionExtras = {},
): Promise<void> {
  const { fps, frames } = motion;
  // float32 has seven digits; more would only be noise of the conversion
  const short = (values: ArrayLike<number>) => Array.from(values, (x) => Number(x.toPrecision(8)));
  const rows = (values: Float32Array, width: number) =>
    Array.from(
      { length: frames },
      (_, frame) => short(values.subarray(frame * width, (frame + 1) * width)),
    );
  const content = {
    ...{ format: "isa4d-motion", fps },
    ...{ poses: rows(motion.poses, 72), translations: rows(motion.translations, 3) },
    ...(shape ? { shape: short(shape) } : {}),
    ...(cameras ? { cameras: JSON.parse(formatCameras(cameras, { fps })) } : {}),
  };
  await writeText(path, JSON.stringify(content) + "\n");
}
