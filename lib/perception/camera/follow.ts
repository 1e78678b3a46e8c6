/**
 * Following corners from one picture to another (Lucas and Kanade 1981, coarse to fine).
 * @module
 */
import type { Corner } from "./corners.ts";
import { type Match, moved } from "./homography.ts";
import { type Channel, halved } from "./picture_channels.ts";

/** Pixels to each side of a corner that are compared. */
const REACH = 6;
const LEVELS = 3;
const ROUNDS = 8;
/** Moves below this, in pixels, end the search. */
const SETTLED = 0.02;
/** Mean difference of grey, 0 to 1, above which it is not the same place. */
const UNLIKE = 0.06;

/** A grey picture and its halved sizes, finest first. */
export type GreyLevels = readonly Channel[];

/** Grey of an rgb24 picture whose squares of `step` pixels are one. */
export function greyLevels(
  { width, height, data }: {
    readonly width: number;
    readonly height: number;
    readonly data: Uint8Array;
  },
  step: number,
): GreyLevels {
  const [w, h] = [Math.floor(width / step), Math.floor(height / step)];
  const grey = new Float32Array(w * h);
  const share = 1 / (765 * step * step);
  for (let v = 0; v < h * step; v++) {
    const row = Math.floor(v / step) * w;
    for (let u = 0; u < w * step; u++) {
      const at = (v * width + u) * 3;
      grey[row + Math.floor(u / step)] += (data[at] + data[at + 1] + data[at + 2]) * share;
    }
  }
  const levels: Channel[] = [{ width: w, height: h, data: grey }];
  while (levels.length < LEVELS) levels.push(halved(levels[levels.length - 1]));
  return levels;
}

/** Where corners of one picture lie in another, of those that are found; `guess` is about how it moved. */
export function followCorners(
  from: GreyLevels,
  to: GreyLevels,
  { corners, guess }: { readonly corners: readonly Corner[]; readonly guess: ArrayLike<number> },
): Match[] {
  return corners.flatMap((corner) => {
    const found = follow(from, to, { corner, guess });
    return found ? [{ from: corner, to: found }] : [];
  });
}

function follow(
  from: GreyLevels,
  to: GreyLevels,
  { corner, guess }: { readonly corner: Corner; readonly guess: ArrayLike<number> },
): Corner | undefined {
  // How the surroundings are stretched and turned there.
  const at = moved(guess, corner);
  const right = moved(guess, { x: corner.x + 1, y: corner.y });
  const below = moved(guess, { x: corner.x, y: corner.y + 1 });
  const bend = [right.x - at.x, below.x - at.x, right.y - at.y, below.y - at.y] as const;
  let { x, y } = at;
  for (let level = LEVELS - 1; level >= 0; level--) {
    const down = (value: number) => (value + 0.5) / 2 ** level - 0.5;
    const up = (value: number) => (value + 0.5) * 2 ** level - 0.5;
    const patch = patchOf(from[level], { x: down(corner.x), y: down(corner.y) });
    if (patch === undefined) continue; // too near the edge at this size
    const found = search(patch, to[level], { start: { x: down(x), y: down(y) }, bend });
    if (found === undefined) {
      if (level === 0) return undefined;
      continue;
    }
    [x, y] = [up(found.x), up(found.y)];
    if (level === 0 && found.unlike > UNLIKE) return undefined;
    if (level === 0) return { x, y };
  }
  return undefined;
}

/** What surrounds a corner, and the inverse of its gradients' products. */
interface Patch {
  readonly values: Float32Array;
  readonly gx: Float32Array;
  readonly gy: Float32Array;
  readonly inverse: readonly [xx: number, xy: number, yy: number];
}

const SIDE = 2 * REACH + 1;

function patchOf(picture: Channel, { x, y }: Corner): Patch | undefined {
  if (!isWithin(picture, x, y, REACH + 1)) return undefined;
  const make = () => new Float32Array(SIDE * SIDE);
  const [values, gx, gy] = [make(), make(), make()];
  let [xx, xy, yy] = [0, 0, 0];
  for (let v = -REACH, i = 0; v <= REACH; v++) {
    for (let u = -REACH; u <= REACH; u++, i++) {
      values[i] = sample(picture, x + u, y + v);
      gx[i] = (sample(picture, x + u + 1, y + v) - sample(picture, x + u - 1, y + v)) / 2;
      gy[i] = (sample(picture, x + u, y + v + 1) - sample(picture, x + u, y + v - 1)) / 2;
      xx += gx[i] * gx[i];
      xy += gx[i] * gy[i];
      yy += gy[i] * gy[i];
    }
  }
  const determinant = xx * yy - xy * xy;
  if (determinant < 1e-9) return undefined;
  return { values, gx, gy, inverse: [yy / determinant, -xy / determinant, xx / determinant] };
}

/** Moves the patch over the picture until it fits best there; light may differ by a constant. */
function search(
  { values, gx, gy, inverse }: Patch,
  picture: Channel,
  { start, bend }: {
    readonly start: Corner;
    readonly bend: readonly [number, number, number, number];
  },
): (Corner & { readonly unlike: number }) | undefined {
  let { x, y } = start;
  const off = new Float32Array(SIDE * SIDE);
  for (let round = 0; round < ROUNDS; round++) {
    if (!isWithin(picture, x, y, REACH * 1.5)) return undefined;
    const mean = differences(off, picture, { values, x, y, bend });
    let [bx, by] = [0, 0];
    for (let i = 0; i < off.length; i++) {
      bx += gx[i] * (off[i] - mean);
      by += gy[i] * (off[i] - mean);
    }
    const [u, v] = [inverse[0] * bx + inverse[1] * by, inverse[1] * bx + inverse[2] * by];
    const [dx, dy] = [bend[0] * u + bend[1] * v, bend[2] * u + bend[3] * v];
    [x, y] = [x - dx, y - dy];
    if (Math.hypot(dx, dy) < SETTLED) break;
  }
  if (!isWithin(picture, x, y, REACH * 1.5)) return undefined;
  const mean = differences(off, picture, { values, x, y, bend });
  const unlike = off.reduce((sum, value) => sum + Math.abs(value - mean), 0) / off.length;
  return { x, y, unlike };
}

/** Picture less patch, into `off`; returns its mean. */
function differences(
  off: Float32Array,
  picture: Channel,
  { values, x, y, bend: [a, b, c, d] }: {
    readonly values: Float32Array;
    readonly x: number;
    readonly y: number;
    readonly bend: readonly [number, number, number, number];
  },
): number {
  let sum = 0;
  for (let v = -REACH, i = 0; v <= REACH; v++) {
    for (let u = -REACH; u <= REACH; u++, i++) {
      off[i] = sample(picture, x + a * u + b * v, y + c * u + d * v) - values[i];
      sum += off[i];
    }
  }
  return sum / off.length;
}

function isWithin({ width, height }: Channel, x: number, y: number, border: number): boolean {
  return x >= border && y >= border && x < width - 1 - border && y < height - 1 - border;
}

/** Between pixels; beyond the edge as at the edge. */
function sample({ width, height, data }: Channel, x: number, y: number): number {
  const [u, v] = [
    Math.min(width - 1.001, Math.max(0, x)),
    Math.min(height - 1.001, Math.max(0, y)),
  ];
  const [column, row] = [Math.floor(u), Math.floor(v)];
  const [fx, fy] = [u - column, v - row];
  const at = row * width + column;
  const above = data[at] + fx * (data[at + 1] - data[at]);
  const below = data[at + width] + fx * (data[at + width + 1] - data[at + width]);
  return above + fy * (below - above);
}
