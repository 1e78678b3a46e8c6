/**
 * Pictures of a scene that is known everywhere.
 * @module
 */
import { Random } from "../../lib/geometry/mod.ts";
import type { PersonMask } from "../../lib/perception/mod.ts";

/** Grey 0 to 255 at any place. */
export type Scene = (x: number, y: number) => number;

/** Soft-edged blocks of random grey, `size` pixels wide: corners everywhere, and no two places alike. */
export function blocks(size: number, seed: number): Scene {
  const random = new Random(seed);
  const grey = Array.from({ length: 4096 }, () => 40 + 175 * random.float());
  const at = (i: number, j: number) => grey[(i * 73 + j * 151 & 4095) ^ (i & 31)];
  const soft = (f: number) => Math.min(1, Math.max(0, (f - 0.5) * size / 2 + 0.5));
  return (x, y) => {
    const [u, v] = [x / size, y / size];
    const [i, j] = [Math.floor(u), Math.floor(v)];
    const [p, q] = [soft(u - i), soft(v - j)];
    const above = at(i, j) + p * (at(i + 1, j) - at(i, j));
    const below = at(i, j + 1) + p * (at(i + 1, j + 1) - at(i, j + 1));
    return above + q * (below - above);
  };
}

/** The scene as rgb24; `place` tells what of it each pixel shows. */
export function picture(
  scene: Scene,
  { width, height, place = (x, y) => [x, y] }: {
    readonly width: number;
    readonly height: number;
    readonly place?: (x: number, y: number) => readonly [number, number];
  },
): { width: number; height: number; data: Uint8Array } {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const value = scene(...place(i % width, Math.floor(i / width)));
    data.fill(Math.round(value), 3 * i, 3 * i + 3);
  }
  return { width, height, data };
}

/** Paints a rectangle over a picture, as a person would stand there, and gives its mask. */
export function standIn(
  { width, height, data }: { width: number; height: number; data: Uint8Array },
  { x, y, w, h }: { x: number; y: number; w: number; h: number },
): PersonMask {
  const mask = new Uint8Array(width * height);
  for (let v = y; v < y + h; v++) {
    for (let u = x; u < x + w; u++) {
      mask[v * width + u] = 255;
      data.set([250, (u * 40) % 256, (v * 60) % 256], (v * width + u) * 3);
    }
  }
  return { width, height, data: mask };
}
