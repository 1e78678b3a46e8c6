/**
 * What a clip's camera did where somebody knows better than its pictures.
 * @module
 */
import { IDENTITY } from "./homography.ts";
import type { CameraMotion } from "./motion.ts";
import { turningHomography, turningOf } from "./turning.ts";

/** A picture's size in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** A camera that is known to stand still. */
export function takenStill({ agreement, homographies }: CameraMotion): CameraMotion {
  return {
    ...{ kind: "still", agreement, homographies: homographies.map(() => IDENTITY) },
    says: "the camera is treated as still, as you asked",
  };
}

/** A camera that is known to turn where it stands: the turns nearest to what was seen. */
export function takenTurning(found: CameraMotion, size: Size): CameraMotion {
  if (found.kind !== "moving") return found;
  const { rotations, focal, sure, off } = turningOf(found.homographies, size);
  const says = "the camera is treated as turning in place, as you asked; " +
    `that misses what was seen by ${off.toFixed(0)} pixels`;
  return { ...found, kind: "turning", says, rotations, focal: sure ? focal : undefined };
}

/** A camera whose turns from frame 0's axes, row-major, and lens, pixels, are known. */
export function takenTurns(
  { agreement }: Pick<CameraMotion, "agreement">,
  { rotations, focal, ...size }: Size & {
    readonly rotations: readonly Float64Array[];
    readonly focal: number;
  },
): CameraMotion {
  const homographies = rotations.map((turn) => turningHomography(turn, { ...size, focal }));
  const says = `the camera turns as your file says, focal length ${focal.toFixed(0)} pixels`;
  return { kind: "turning", says, agreement, rotations, focal, homographies };
}
