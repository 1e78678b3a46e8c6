/**
 * Points of a picture that can be found again in another: corners, described by the directions of the
 * gradients around them (after SIFT, upright) and by the colours there.
 * @module
 */
import {
  blurred,
  type Channel,
  corners,
  gradientOf,
  halved,
  type Polar,
} from "../perception/mod.ts";
import type { Pixel } from "./epipolar.ts";

/** Cells along each side of what describes a corner. */
const CELLS = 4;
/** Pixels of a cell. */
const CELL = 4;
/** Directions that gradients fall into. */
const DIRECTIONS = 8;
const GRADIENTS = CELLS * CELLS * DIRECTIONS;
const COLOURS = CELLS * CELLS * 3;
/** Numbers that describe a corner. */
export const CORNER_NUMBERS = GRADIENTS + COLOURS;
/** What colours of 0..1 count beside gradients of length 1. */
const COLOUR_WEIGHT = 1;
/** Most corners of a picture at each of its sizes. */
const MOST = 400;
/** The picture at its own size and halved. */
const LEVELS = 2;
/** Pixels from a corner to the border, at least. */
const BORDER = CELLS * CELL / 2 + 1;

/** Corners and their descriptions, [N*CORNER_NUMBERS]. */
export interface CornerPoints {
  readonly places: readonly Pixel[];
  readonly descriptions: Float32Array;
}

/** Finds and describes the corners of an rgb24 picture. */
export function cornerPoints(
  picture: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): CornerPoints {
  const places: Pixel[] = [];
  const descriptions: Float32Array[] = [];
  let colours = [0, 1, 2].map((c): Channel => ({
    ...{ width, height },
    data: Float32Array.from({ length: width * height }, (_, i) => picture[3 * i + c] / 255),
  }));
  for (let level = 0; level < LEVELS; level++) {
    if (level > 0) colours = colours.map((channel) => halved(blurred(channel, 1)));
    const scale = 2 ** level;
    const [red, green, blue] = colours;
    const grey = {
      ...red,
      data: red.data.map((value, i) => (value + green.data[i] + blue.data[i]) / 3),
    };
    const gradient = gradientOf(grey);
    for (const at of corners(gradient, { most: MOST, border: BORDER })) {
      places.push({ x: (at.x + 0.5) * scale, y: (at.y + 0.5) * scale });
      descriptions.push(described(gradient, colours, at));
    }
  }
  const all = new Float32Array(places.length * CORNER_NUMBERS);
  for (const [i, one] of descriptions.entries()) all.set(one, i * CORNER_NUMBERS);
  return { places, descriptions: all };
}

function described(gradient: Polar, colours: readonly Channel[], at: Pixel): Float32Array {
  const out = new Float32Array(CORNER_NUMBERS);
  addGradients(out.subarray(0, GRADIENTS), gradient, at);
  const rest = out.subarray(GRADIENTS);
  const { width } = gradient;
  const [left, top] = [Math.round(at.x) - CELLS * CELL / 2, Math.round(at.y) - CELLS * CELL / 2];
  for (let v = 0; v < CELLS * CELL; v++) {
    for (let u = 0; u < CELLS * CELL; u++) {
      const cell = Math.floor(v / CELL) * CELLS + Math.floor(u / CELL);
      for (let c = 0; c < 3; c++) {
        const value = colours[c].data[(top + v) * width + left + u];
        rest[cell * 3 + c] += value * COLOUR_WEIGHT / (CELL * CELL);
      }
    }
  }
  return out;
}

/** No direction counts for more: SIFT's way to make light matter less. */
const MOST_OF_ONE = 0.2;

/** Histograms of gradient directions, spread linearly over cells and directions; of length 1. */
function addGradients(out: Float32Array, gradient: Polar, at: Pixel): void {
  const { width, length, angle } = gradient;
  const [column, row] = [Math.round(at.x), Math.round(at.y)];
  const reach = CELLS * CELL / 2;
  for (let v = row - reach; v <= row + reach; v++) {
    for (let u = column - reach; u <= column + reach; u++) {
      const i = v * width + u;
      if (length[i] === 0) continue;
      const [x, y] = [u - at.x, v - at.y];
      const weight = length[i] * Math.exp(-(x * x + y * y) / (2 * reach * reach));
      spread(out, weight, x / CELL + 1.5, y / CELL + 1.5, angle[i] * DIRECTIONS);
    }
  }
  normalise(out);
  for (let i = 0; i < GRADIENTS; i++) out[i] = Math.min(MOST_OF_ONE, out[i]);
  normalise(out);
}

/** Adds to the eight bins around a place. */
function spread(out: Float32Array, weight: number, x: number, y: number, angle: number): void {
  const [x0, y0, a0] = [Math.floor(x), Math.floor(y), Math.floor(angle)];
  const [fx, fy, fa] = [x - x0, y - y0, angle - a0];
  for (let corner = 0; corner < 8; corner++) {
    const [dx, dy, da] = [corner & 1, corner >> 1 & 1, corner >> 2];
    const [cx, cy] = [x0 + dx, y0 + dy];
    if (cx < 0 || cy < 0 || cx >= CELLS || cy >= CELLS) continue;
    out[(cy * CELLS + cx) * DIRECTIONS + (a0 + da) % DIRECTIONS] += weight *
      (dx ? fx : 1 - fx) * (dy ? fy : 1 - fy) * (da ? fa : 1 - fa);
  }
}

function normalise(values: Float32Array): void {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  if (sum === 0) return;
  const length = Math.sqrt(sum);
  for (let i = 0; i < values.length; i++) values[i] /= length;
}
