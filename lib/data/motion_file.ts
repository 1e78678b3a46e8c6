import type { Motion } from "../geometry/mod.ts";

/** What the file readers return. Translations follow SMPL's origin unless `origin` says `body`. */
export interface MotionFile {
  /** As the file has it. */
  motion: Motion;
  /** The axis that points up. */
  up: "y" | "z";
  /** Whose rest pelvis the translations are added to. */
  origin: "smpl" | "body";
  /** SMPL's shape coefficients, if there are any. */
  betas?: Float32Array;
  /** Remarks for people, one line each. */
  notices: string[];
}
