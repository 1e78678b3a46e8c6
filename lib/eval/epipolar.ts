/**
 * Where a point of one picture can lie in another that was taken at the same time.
 * @module
 */
import type { Camera } from "../geometry/mod.ts";

/** A place in a picture, in pixels; centres lie at ½. */
export interface Pixel {
  readonly x: number;
  readonly y: number;
}

/** How one camera stands to another: what the first sees at p, the second sees at R p + t. */
export interface RelativePose {
  /** R₂R₁ᵀ, row-major [9]. */
  readonly turn: Float64Array;
  /** t₂ − R₂R₁ᵀt₁, metres, [3]. */
  readonly way: Float64Array;
}

/** Metres that two cameras have to be apart for lines to mean anything. */
const APART = 1e-3;

/** The second camera as the first one sees it. */
export function relativePose(first: Camera, second: Camera): RelativePose {
  const [a, b] = [first.rotation, second.rotation];
  const turn = Float64Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [i - i % 3, i % 3 * 3];
    return b[row] * a[column] + b[row + 1] * a[column + 1] + b[row + 2] * a[column + 2];
  });
  const t = first.translation;
  const way = second.translation.map((value, i) =>
    value - turn[3 * i] * t[0] - turn[3 * i + 1] * t[1] - turn[3 * i + 2] * t[2]
  );
  return { turn, way };
}

/**
 * F with (x₂, y₂, 1) F (x₁, y₁, 1)ᵀ = 0 for what both cameras see, row-major [9] of length 1; undefined
 * where they stand at one place, and every depth leaves the same pixel.
 */
export function fundamentalMatrix(first: Camera, second: Camera): Float64Array | undefined {
  const { turn: r, way: [x, y, z] } = relativePose(first, second);
  if (Math.hypot(x, y, z) < APART) return undefined;
  // [t]× R
  const essential = [0, 1, 2].flatMap((axis) => {
    const [p, q] = [[y, z], [z, x], [x, y]][axis];
    const [up, down] = [(axis + 2) % 3, (axis + 1) % 3];
    return [0, 1, 2].map((column) => p * r[3 * up + column] - q * r[3 * down + column]);
  });
  const [left, right] = [inverseLens(second), inverseLens(first)];
  const f = Float64Array.from({ length: 9 }, (_, at) => {
    const [row, column] = [Math.floor(at / 3), at % 3];
    let sum = 0;
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        sum += left[3 * i + row] * essential[3 * i + j] * right[3 * j + column];
      }
    }
    return sum;
  });
  const length = Math.hypot(...f);
  return f.map((value) => value / length);
}

/** Pixels to directions, row-major [9]. */
function inverseLens({ fx, fy, cx, cy }: Camera): number[] {
  return [1 / fx, 0, -cx / fx, 0, 1 / fy, -cy / fy, 0, 0, 1];
}

/** Mean of the two distances, in pixels, of matched points to the line that each leaves to the other. */
export function epipolarDistance(f: Float64Array, first: Pixel, second: Pixel): number {
  const there = [0, 3, 6].map((row) => f[row] * first.x + f[row + 1] * first.y + f[row + 2]);
  const back = [0, 1, 2].map((column) =>
    f[column] * second.x + f[column + 3] * second.y + f[column + 6]
  );
  const [a, b, c] = there;
  const off = Math.abs(a * second.x + b * second.y + c);
  return off / 2 * (1 / Math.hypot(a, b) + 1 / Math.hypot(back[0], back[1]));
}
