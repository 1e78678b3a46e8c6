/**
 * The 1€ filter (Casiez, Roussel and Vogel 2012), of places and of rotations.
 * @module
 */

import { fromAxisAngle, multiply, type Quaternion, slerp, toAxisAngle } from "./quaternion.ts";

/** Rate and strength of the filter. */
export interface OneEuroOptions {
  /** Frames a second. */
  readonly fps: number;
  /** Cutoff at rest, in Hz. */
  readonly min: number;
  /** How much the cutoff grows with speed. */
  readonly beta: number;
}

/** Cutoff of the speed's own low pass, in Hz; the paper's value. */
const SPEED_CUTOFF = 1;

/** Share of a new sample in a low pass of this cutoff (eq. 5). */
function share(cutoff: number, fps: number): number {
  const tau = 1 / (2 * Math.PI * cutoff);
  return 1 / (1 + tau * fps);
}

/** Smooths the speed in place and returns the share that a sample gets at it (eq. 6). */
function adapt(speed: number[], measured: readonly number[], options: OneEuroOptions): number {
  const { fps, min, beta } = options;
  const by = share(SPEED_CUTOFF, fps);
  measured.forEach((value, axis) => speed[axis] += by * (value - speed[axis]));
  return share(min + beta * Math.hypot(...speed), fps);
}

/** Places [N·3]; the three axes share one cutoff, so that no direction is preferred. */
export function oneEuroPlaces(places: Float32Array, options: OneEuroOptions): Float32Array {
  const out = places.slice();
  const speed = [0, 0, 0];
  for (let at = 3; at < out.length; at += 3) {
    const measured = [0, 1, 2].map((axis) =>
      (places[at + axis] - out[at + axis - 3]) * options.fps
    );
    const by = adapt(speed, measured, options);
    for (let axis = 0; axis < 3; axis++) {
      const before = out[at + axis - 3];
      out[at + axis] = before + by * (places[at + axis] - before);
    }
  }
  return out;
}

/** Axis-angle rotations at `column` of rows of 72, in place; the step is along the shortest turn. */
export function oneEuroRotations(
  poses: Float32Array,
  column: number,
  options: OneEuroOptions,
): void {
  const speed = [0, 0, 0];
  let smooth: Quaternion = fromAxisAngle(poses, column);
  for (let at = column + 72; at < poses.length; at += 72) {
    const found = fromAxisAngle(poses, at);
    const back: Quaternion = [smooth[0], -smooth[1], -smooth[2], -smooth[3]];
    const measured = toAxisAngle(multiply(found, back)).map((angle) => angle * options.fps);
    smooth = slerp(smooth, found, adapt(speed, measured, options));
    poses.set(toAxisAngle(smooth), at);
  }
}
