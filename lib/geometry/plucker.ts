/**
 * Plücker images: one line through the camera's centre for each cell of a picture.
 * @module
 */
import { latentPoses } from "./body_points.ts";
import { type Camera, cameraCentre, type CameraPath } from "./camera.ts";

/**
 * Plücker coordinates (o × d, d) (ISA4D eq. 22) of the rays through the centres of a w×h grid over
 * the picture, in the frame of the `reference` camera; d has length 1. Channel-first [6*h*w].
 */
export function pluckerRays(
  camera: Camera,
  reference: Camera,
  w: number,
  h: number,
): Float32Array {
  const out = new Float32Array(6 * h * w);
  const cells = h * w;
  const r = reference.rotation;
  const turn = relativeRotation(camera, reference);
  const [ex, ey, ez] = cameraCentre(camera);
  const o = [0, 1, 2].map((row) =>
    r[row * 3] * ex + r[row * 3 + 1] * ey + r[row * 3 + 2] * ez + reference.translation[row]
  );
  for (let y = 0; y < h; y++) {
    const ky = ((y + 0.5) * camera.height / h - camera.cy) / camera.fy;
    for (let x = 0; x < w; x++) {
      const kx = ((x + 0.5) * camera.width / w - camera.cx) / camera.fx;
      const length = Math.hypot(kx, ky, 1);
      const d0 = (turn[0] * kx + turn[1] * ky + turn[2]) / length;
      const d1 = (turn[3] * kx + turn[4] * ky + turn[5]) / length;
      const d2 = (turn[6] * kx + turn[7] * ky + turn[8]) / length;
      const at = y * w + x;
      out[at] = o[1] * d2 - o[2] * d1;
      out[at + cells] = o[2] * d0 - o[0] * d2;
      out[at + 2 * cells] = o[0] * d1 - o[1] * d0;
      out[at + 3 * cells] = d0;
      out[at + 4 * cells] = d1;
      out[at + 5 * cells] = d2;
    }
  }
  return out;
}

/** R_reference · R_cameraᵀ: directions of `camera` in the frame of `reference`, row-major [9]. */
function relativeRotation(camera: Camera, reference: Camera): Float64Array {
  const [a, b] = [reference.rotation, camera.rotation];
  const out = new Float64Array(9);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      for (let k = 0; k < 3; k++) out[row * 3 + column] += a[row * 3 + k] * b[column * 3 + k];
    }
  }
  return out;
}

/**
 * Plücker images (eq. 22) of a clip on a w×h grid, relative to its first camera, the `temporalFactor`
 * frames of a latent over channels: [6·f, T, h, w]. `order` is the part of {@linkcode latentPoses} that
 * is meant, by itself the whole.
 */
export function pluckerImages(
  cameras: CameraPath,
  options: {
    readonly w: number;
    readonly h: number;
    readonly temporalFactor: number;
    readonly order?: readonly number[];
    /** In whose frame the rays are; by itself the first camera. */
    readonly origin?: Camera;
  },
): Float32Array {
  const { w, h, temporalFactor: f } = options;
  const order = options.order ?? latentPoses(cameras.length, f);
  const T = order.length / f;
  const out = new Float32Array(6 * f * T * h * w);
  for (const [k, frame] of order.entries()) {
    const rays = pluckerRays(cameras[frame], options.origin ?? cameras[order[0]], w, h);
    for (let channel = 0; channel < 6; channel++) {
      const plane = ((k % f) * 6 + channel) * T + Math.floor(k / f);
      out.set(rays.subarray(channel * h * w, (channel + 1) * h * w), plane * h * w);
    }
  }
  return out;
}
