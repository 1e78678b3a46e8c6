import type { CameraPath, Motion } from "../../geometry/mod.ts";

/** What the file readers return. Translations follow SMPL's origin unless `origin` says `body`. */
export interface MotionFile {
  /** As the file has it. */
  motion: Motion;
  /** Whether the file says how fast it runs; else the motion has {@link DEFAULT_FPS}. */
  rateKnown: boolean;
  /** The axis that points up; `camera`: the axes are a camera's, which stands at the origin. */
  up: "y" | "z" | "camera";
  /** Whose rest pelvis the translations are added to. */
  origin: "smpl" | "smplx" | "body";
  /** SMPL's shape coefficients, if there are any. */
  betas?: Float32Array;
  /** Coefficients of the own body's shapes, if there are any. */
  shape?: Float32Array;
  /** The camera of a motion in a camera's axes. */
  camera?: MotionCamera;
  /** The cameras that saw a motion in upright axes, at its rate: one, or one a frame. */
  cameras?: (view: MotionView) => CameraPath;
  /** Frame of the whole recording that the motion begins with, where others may begin elsewhere. */
  firstFrame?: number;
  /** Remarks for people, one line each. */
  notices: string[];
}

/** What cameras of a motion may depend on. */
export interface MotionView {
  /** The picture's width in pixels, where the file does not say it. */
  readonly width: number;
  /** Its height. */
  readonly height: number;
  /** The rest place that the file's translations are added to, metres. */
  readonly pelvis: ArrayLike<number>;
}

/** A camera as trackers assume it: at the origin, level, for the whole picture. */
export interface MotionCamera {
  /** Focal length as a multiple of the picture's longer side. */
  focal: number;
  /** The picture, in pixels, where the file says so. */
  picture?: { width: number; height: number; cx: number; cy: number };
}

/** Rate of a file that names none, frames a second. */
export const DEFAULT_FPS = 30;
