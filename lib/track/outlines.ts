/**
 * Where persons end in the picture: the edges of their masks.
 * @module
 */
import type { PersonMask } from "../perception/mod.ts";

/** The edge of a mask, E places. */
export interface Outline {
  /** [E·2] pixels. */
  readonly xy: Float32Array;
  /** [E·2] unit vectors that point away from the person. */
  readonly out: Float32Array;
}

/** Longer side of the grid in which edges are sought. */
const SIDE = 320;
/** Level at which a mask ends. */
const HALF = 127.5;

/**
 * The places where a mask crosses one half, to a fraction of a pixel. Where the picture itself cuts a
 * person off there is no edge.
 */
export function outlineOf({ width, height, data }: PersonMask): Outline {
  const step = Math.max(1, Math.floor(Math.max(width, height) / SIDE));
  const [W, H] = [Math.floor(width / step), Math.floor(height / step)];
  const half = Math.floor(step / 2);
  const level = (x: number, y: number) => data[(y * step + half) * width + x * step + half];
  const held = (value: number, most: number) => Math.min(most - 1, Math.max(0, value));
  const xy: number[] = [], out: number[] = [];
  const cross = (x: number, y: number, [dx, dy]: readonly [number, number]) => {
    const [a, b] = [level(x, y), level(x + dx, y + dy)];
    if (a > HALF === b > HALF) return;
    const slope = [0, 0];
    for (let v = -1; v <= 1; v++) {
      for (let u = -1; u <= 1; u++) {
        const value = level(held(x + u, W), held(y + v, H)) +
          level(held(x + dx + u, W), held(y + dy + v, H));
        slope[0] -= u * value;
        slope[1] -= v * value;
      }
    }
    const length = Math.hypot(...slope);
    if (length === 0) return;
    const share = (HALF - a) / (b - a);
    xy.push((x + dx * share) * step + half + 0.5, (y + dy * share) * step + half + 0.5);
    out.push(slope[0] / length, slope[1] / length);
  };
  for (let y = 0; y < H; y++) {
    for (let x = 0; x < W; x++) {
      if (x + 1 < W) cross(x, y, [1, 0]);
      if (y + 1 < H) cross(x, y, [0, 1]);
    }
  }
  return { xy: Float32Array.from(xy), out: Float32Array.from(out) };
}
