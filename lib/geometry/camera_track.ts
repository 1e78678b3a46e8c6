/**
 * Cameras over time, as files have them: at a rate or at times of their own, in a world that may not
 * be the persons'.
 * @module
 */
import { InputError } from "../errors.ts";
import { type Camera, cameraCentre, type CameraPath } from "./camera.ts";
import { apply, multiply, transpose } from "./camera_math.ts";
import {
  axisAngleMatrix,
  fromAxisAngle,
  matrixToAxisAngle,
  slerp,
  toAxisAngle,
} from "./quaternion.ts";

/** Cameras of one picture size, and when they were taken. */
export interface CameraTrack {
  /** One at least, in the order of time. */
  readonly cameras: CameraPath;
  /** Cameras a second; without it and `times` there is one for each frame of any video. */
  readonly fps?: number;
  /** Seconds, rising, one a camera; where they are there `fps` is not. */
  readonly times?: readonly number[];
  /** The world has no known place and scale: only how the camera moves counts. */
  readonly relative?: boolean;
}

/** Uneven by less than this, in seconds, is the rounding of a file's clock. */
const CLOCK_ERROR = 1e-3;

/**
 * One camera a frame at `fps` from `start` seconds on: rotations by slerp, centres and lenses linearly.
 * Before its begin the first camera is held, after its end the last.
 */
export function resampleCameras(
  track: CameraTrack,
  { fps, frames, start = 0 }: {
    readonly fps: number;
    readonly frames: number;
    readonly start?: number;
  },
): CameraPath {
  const { cameras } = track;
  const last = cameras.length - 1;
  return Array.from({ length: frames }, (_, frame) => {
    const place = Math.min(placeOf(track, Math.max(0, frame + start * fps), fps), last);
    const before = Math.min(Math.floor(place), Math.max(last - 1, 0));
    return between(cameras[before], cameras[Math.min(before + 1, last)], place - before);
  });
}

/** How long a track lasts in seconds, or in frames where it has no clock. */
export function trackFrames({ cameras, fps, times }: CameraTrack, rate: number): number {
  if (times) return (times[times.length - 1] - times[0]) * rate + 1;
  return (cameras.length - 1) * rate / (fps ?? rate) + 1;
}

/** The same track at a rate of its own: its mean rate where it has times, resampled if uneven. */
export function evenTrack(track: CameraTrack): CameraTrack {
  const { times, cameras, ...rest } = track;
  if (!times) return track;
  const intervals = times.length - 1;
  if (intervals === 0) return { ...rest, cameras };
  const fps = intervals / (times[intervals] - times[0]);
  const uneven = times.some((time, i) => Math.abs(time - times[0] - i / fps) > CLOCK_ERROR);
  return {
    ...rest,
    cameras: uneven ? resampleCameras(track, { fps, frames: cameras.length }) : cameras,
    fps,
  };
}

/** The track with `metres` for each unit of its world. */
export function scaleTrack(track: CameraTrack, metres: number): CameraTrack {
  const cameras = track.cameras.map((camera) => ({
    ...camera,
    translation: camera.translation.map((value) => value * metres),
  }));
  return { ...track, cameras };
}

/** The same camera movement, begun where `first` stands and looks; lenses stay. */
export function anchorCameras(cameras: CameraPath, first: Camera): CameraPath {
  const [{ rotation: r0, translation: t0 }] = cameras;
  return cameras.map((camera) => {
    // x_i = R_i R_0ᵀ (x_0 − t_0) + t_i, with x_0 as `first` sees it
    const turn = multiply(camera.rotation, transpose(r0));
    const shift = apply(turn, [0, 1, 2].map((k) => first.translation[k] - t0[k]));
    return {
      ...camera,
      rotation: multiply(turn, first.rotation),
      translation: shift.map((value, k) => value + camera.translation[k]),
    };
  });
}

/** Index into the cameras, with a fraction. */
function placeOf({ fps, times }: CameraTrack, frame: number, rate: number): number {
  if (!times) return snapped(frame * (fps ?? rate) / rate);
  const time = times[0] + frame / rate;
  const after = times.findIndex((t) => t > time);
  if (after < 0) return times.length - 1;
  const [from, to] = [times[after - 1], times[after]];
  return snapped(after - 1 + (time - from) / (to - from));
}

/** A camera that is there is taken as it is, in spite of rounding. */
function snapped(place: number): number {
  const nearest = Math.round(place);
  return Math.abs(place - nearest) < 1e-6 ? nearest : place;
}

function between(a: Camera, b: Camera, t: number): Camera {
  if (t === 0) return a;
  if (t === 1) return b;
  const [qa, qb] = [a, b].map(({ rotation }) => fromAxisAngle(matrixToAxisAngle(rotation)));
  const rotation = new Float64Array(9);
  axisAngleMatrix(toAxisAngle(slerp(qa, qb, t)), 0, rotation, 0);
  const mix = (from: number, to: number) => from + (to - from) * t;
  const [ca, cb] = [cameraCentre(a), cameraCentre(b)];
  return {
    ...a,
    fx: mix(a.fx, b.fx),
    fy: mix(a.fy, b.fy),
    cx: mix(a.cx, b.cx),
    cy: mix(a.cy, b.cy),
    rotation,
    translation: apply(rotation, ca.map((value, axis) => -mix(value, cb[axis]))),
  };
}

/** The picture size that all cameras share; throws {@linkcode InputError} where they differ. */
export function trackSize(cameras: CameraPath, name: string): { width: number; height: number } {
  const [{ width, height }] = cameras;
  const other = cameras.findIndex((camera) => camera.width !== width || camera.height !== height);
  if (other >= 0) {
    throw new InputError(
      `cannot read cameras from "${name}": camera ${other} is for ${cameras[other].width}×` +
        `${cameras[other].height} pixels, camera 0 for ${width}×${height}; expected one size`,
    );
  }
  return { width, height };
}
