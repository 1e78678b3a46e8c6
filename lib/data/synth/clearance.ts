/**
 * What keeps a camera from seeing what it looks at.
 * @module
 */
import { type Camera, cameraCentre, projectPoints } from "../../geometry/mod.ts";

/** Metres that a camera keeps from the person, and that others keep from its line of sight. */
const CLEAR = { own: 0.25, others: 0.35 };

/** How far out the farthest point is seen; 1 is the picture's edge, 10 next to or behind the camera. */
export function largestNdc(camera: Camera, points: Float32Array): number {
  const { uv, depth } = projectPoints(camera, points);
  let largest = 0;
  for (let i = 0; i < depth.length; i++) {
    if (depth[i] < 0.3) return 10;
    largest = Math.max(
      largest,
      Math.abs(2 * uv[i * 2] / camera.width - 1),
      Math.abs(2 * uv[i * 2 + 1] / camera.height - 1),
    );
  }
  return largest;
}

/** Whether the camera is about to touch one of the points. */
export function isTooNear(camera: Camera, points: Float32Array = new Float32Array()): boolean {
  const eye = cameraCentre(camera);
  for (let i = 0; i < points.length; i += 3) {
    const away = Math.hypot(points[i] - eye[0], points[i + 1] - eye[1], points[i + 2] - eye[2]);
    if (away < CLEAR.own) return true;
  }
  return false;
}

/** Whether one of the points is near the line from the camera to the target. */
export function isBetween(points: Float32Array, camera: Camera, target: Float32Array): boolean {
  const eye = cameraCentre(camera);
  const line = eye.map((value, axis) => target[axis] - value);
  const square = line.reduce((sum, value) => sum + value * value, 0);
  for (let i = 0; i < points.length; i += 3) {
    const from = eye.map((value, axis) => points[i + axis] - value);
    const along = from.reduce((sum, value, axis) => sum + value * line[axis], 0) / square;
    const t = Math.max(0, Math.min(1, along));
    // A neighbour's shoulder beside the part does no harm, one before the lens does.
    const clear = CLEAR.others * (1 - t);
    if (t < 0.9 && Math.hypot(...from.map((value, axis) => value - t * line[axis])) < clear) {
      return true;
    }
  }
  return false;
}
