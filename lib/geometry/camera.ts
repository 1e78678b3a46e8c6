/**
 * Pinhole cameras in OpenCV's convention: x right, y down, z forward; extrinsics are world-to-camera
 * in metres; pixel centres lie at ½; the world's Y points up.
 * @module
 */
import { InputError } from "../errors.ts";

/** A point or direction, in metres. */
export type Vec3 = readonly [number, number, number];

/** One camera: the picture's size, focal lengths and principal point in pixels, and extrinsics. */
export interface Camera {
  /** Picture width, in pixels. */
  readonly width: number;
  /** Picture height, in pixels. */
  readonly height: number;
  /** Focal length along x, in pixels. */
  readonly fx: number;
  /** Focal length along y, in pixels. */
  readonly fy: number;
  /** Principal point, in pixels from the left edge. */
  readonly cx: number;
  /** Principal point, in pixels from the top edge. */
  readonly cy: number;
  /** World to camera, row-major [9]. */
  readonly rotation: Float64Array;
  /** World to camera, metres, [3]. */
  readonly translation: Float64Array;
}

/** One camera a frame. */
export type CameraPath = readonly Camera[];

/** The picture of a camera and its vertical angle of view, in degrees. */
export interface Lens {
  /** Picture width, in pixels. */
  readonly width: number;
  /** Picture height, in pixels. */
  readonly height: number;
  /** Vertical angle of view, in degrees. */
  readonly fovYDegrees: number;
}

/**
 * A camera at `eye` that looks at `target` with the horizon level; `roll` turns it clockwise about
 * its axis, in radians.
 * @throws {InputError} when eye and target coincide, or the view is straight up or down
 */
export function lookAt(
  eye: Vec3,
  target: Vec3,
  lens: Lens & { readonly roll?: number },
): Camera {
  const forward = normalised([target[0] - eye[0], target[1] - eye[1], target[2] - eye[2]]);
  const side = forward && normalised([-forward[2], 0, forward[0]]);
  if (!forward || !side) {
    throw new InputError(
      `camera at [${eye}] cannot look at [${target}]: expected another place, not straight above or below`,
    );
  }
  // Rows are the camera's axes in the world: right, down, forward.
  const down = cross(forward, side);
  const [c, s] = [Math.cos(lens.roll ?? 0), Math.sin(lens.roll ?? 0)];
  const rotation = new Float64Array(9);
  for (let axis = 0; axis < 3; axis++) {
    // + 0 turns −0 into 0, which JSON would lose.
    rotation[axis] = c * side[axis] + s * down[axis] + 0;
    rotation[3 + axis] = c * down[axis] - s * side[axis] + 0;
    rotation[6 + axis] = forward[axis] + 0;
  }
  const focal = lens.height / 2 / Math.tan(lens.fovYDegrees * Math.PI / 360);
  return {
    width: lens.width,
    height: lens.height,
    fx: focal,
    fy: focal,
    cx: lens.width / 2,
    cy: lens.height / 2,
    rotation,
    translation: rotate(rotation, [-eye[0], -eye[1], -eye[2]]),
  };
}

/** Where a camera stands in the world, in metres. */
export function cameraCentre({ rotation: r, translation: t }: Camera): [number, number, number] {
  return [0, 1, 2].map((axis) => -(r[axis] * t[0] + r[3 + axis] * t[1] + r[6 + axis] * t[2])) as [
    number,
    number,
    number,
  ];
}

/** The same view in another picture size; pixels stay square when both sides scale alike. */
export function scaleCamera(camera: Camera, size: { width: number; height: number }): Camera {
  const [x, y] = [size.width / camera.width, size.height / camera.height];
  return {
    ...camera,
    ...size,
    fx: camera.fx * x,
    cx: camera.cx * x,
    fy: camera.fy * y,
    cy: camera.cy * y,
  };
}

/** A picture's size, scaled down where its longer side has more pixels than this. */
export function sizeWithin(
  { width, height }: { readonly width: number; readonly height: number },
  longest: number,
): { width: number; height: number } {
  const shrink = Math.min(1, longest / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * shrink)),
    height: Math.max(1, Math.round(height * shrink)),
  };
}

/** The camera of a picture after it has been scaled and cut, centred, to cover another size. */
export function coverCamera(camera: Camera, size: { width: number; height: number }): Camera {
  const scale = Math.max(size.width / camera.width, size.height / camera.height);
  const [width, height] = [camera.width * scale, camera.height * scale];
  const scaled = scaleCamera(camera, { width, height });
  return {
    ...scaled,
    ...size,
    cx: scaled.cx - (width - size.width) / 2,
    cy: scaled.cy - (height - size.height) / 2,
  };
}

/** The same view from a place moved by `shift`, metres. */
export function shiftCamera(camera: Camera, shift: readonly number[]): Camera {
  const { rotation: r, translation } = camera;
  const moved = translation.map((value, row) =>
    value - [0, 1, 2].reduce((sum, axis) => sum + r[row * 3 + axis] * shift[axis], 0)
  );
  return { ...camera, translation: moved };
}

function rotate(r: Float64Array, v: Vec3): Float64Array {
  return Float64Array.from(
    [0, 3, 6],
    (row) => r[row] * v[0] + r[row + 1] * v[1] + r[row + 2] * v[2] + 0,
  );
}

function cross(a: Vec3, b: Vec3): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function normalised(v: Vec3): Vec3 | undefined {
  const length = Math.hypot(...v);
  return length > 1e-9 ? [v[0] / length, v[1] / length, v[2] / length] : undefined;
}
