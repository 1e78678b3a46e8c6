/**
 * World points to pixels and to ISPE's normalised device coordinates.
 * @module
 */
import type { Camera } from "./camera.ts";

/** Depths nearer to zero than this are moved to it, so that every result is finite. */
const SMALLEST_DEPTH = 1e-6;

/** In half widths of the picture. */
const FARTHEST_NDC = 1000;

/**
 * Projects world points [N*3]: pixels [N*2] (centres at ½) and depth along the view [N], in metres.
 * Points with a depth ≤ 0 lie behind the camera: their pixels are finite and mean nothing.
 */
export function projectPoints(
  camera: Camera,
  points: Float32Array,
): { uv: Float32Array; depth: Float32Array } {
  const { fx, fy, cx, cy, rotation: r, translation: t } = camera;
  const count = points.length / 3;
  const uv = new Float32Array(count * 2);
  const depth = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const x = points[i * 3];
    const y = points[i * 3 + 1];
    const z = points[i * 3 + 2];
    const Z = r[6] * x + r[7] * y + r[8] * z + t[2];
    const safe = Math.abs(Z) < SMALLEST_DEPTH ? SMALLEST_DEPTH : Z;
    uv[i * 2] = fx * (r[0] * x + r[1] * y + r[2] * z + t[0]) / safe + cx;
    uv[i * 2 + 1] = fy * (r[3] * x + r[4] * y + r[5] * z + t[1]) / safe + cy;
    depth[i] = Z;
  }
  return { uv, depth };
}

/**
 * World points [N*3] to ISPE's coordinates [N*3]: x = 2(f_x X/Z + c_x)/W − 1, y likewise and down,
 * z = (2 f_y/H)(1 − d/Z) with `meanDepth` d, so that z is zero on the plane of the picture's tokens
 * and in proportion to x and y at any focal length. Points beside the camera, which no picture shows,
 * end at ±1000: kept in half precision they would be infinite.
 */
export function toNdc(camera: Camera, points: Float32Array, meanDepth: number): Float32Array {
  const { uv, depth } = projectPoints(camera, points);
  const ndc = new Float32Array(points.length);
  const scale = 2 * camera.fy / camera.height;
  for (let i = 0; i < depth.length; i++) {
    const Z = Math.abs(depth[i]) < SMALLEST_DEPTH ? SMALLEST_DEPTH : depth[i];
    ndc[i * 3] = 2 * uv[i * 2] / camera.width - 1;
    ndc[i * 3 + 1] = 2 * uv[i * 2 + 1] / camera.height - 1;
    ndc[i * 3 + 2] = scale * (1 - meanDepth / Z);
  }
  return ndc.map((value) => Math.max(-FARTHEST_NDC, Math.min(FARTHEST_NDC, value)));
}

/**
 * The smallest region of a picture with the given shape (width over height) that holds points [N*2]
 * in its middle, with `margin` times their size free on all sides. It may reach beyond the picture.
 */
export function regionAround(
  uv: Float32Array,
  { shape, margin }: { readonly shape: number; readonly margin: number },
): { x: number; y: number; width: number; height: number } {
  const [left, right] = rangeOf(uv, 0);
  const [top, bottom] = rangeOf(uv, 1);
  const height = Math.max(bottom - top, (right - left) / shape) * (1 + 2 * margin);
  const width = height * shape;
  return { x: (left + right - width) / 2, y: (top + bottom - height) / 2, width, height };
}

/** Smallest and largest of every second number. */
function rangeOf(uv: Float32Array, axis: 0 | 1): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = axis; i < uv.length; i += 2) {
    low = Math.min(low, uv[i]);
    high = Math.max(high, uv[i]);
  }
  return [low, high];
}
