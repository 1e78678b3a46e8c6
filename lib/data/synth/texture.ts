/**
 * Tiling textures with prefiltered levels, so that far floors and walls do not flicker.
 * @module
 */
import type { Random } from "../../geometry/mod.ts";
import type { Frames } from "../../io/mod.ts";
import { mix, type Rgb } from "./colour.ts";

/** A square tile that repeats; `size` is a power of two. */
export interface Texture {
  /** Texels a side of the finest level. */
  readonly size: number;
  /** Metres that one tile covers. */
  readonly metres: number;
  /** RGB of each level, [s*s*3], s halving from `size` to 1. */
  readonly levels: readonly Float32Array[];
}

/** Makes a texture of the colour at every u, v in 0..1 (v runs up a wall, or away on a floor). */
export function makeTexture(
  size: number,
  metres: number,
  colour: (u: number, v: number) => Rgb,
): Texture {
  let level = new Float32Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      level.set(colour((x + 0.5) / size, (y + 0.5) / size), (y * size + x) * 3);
    }
  }
  const levels = [level];
  for (let side = size; side > 1; side /= 2) levels.push(level = halved(level, side));
  return { size, metres, levels };
}

/** A square picture whose side is a power of two as a tile of one metre; v runs up. */
export function textureOf({ width: size, data }: Frames): Texture {
  return makeTexture(size, 1, (u, v) => {
    const at = ((size - 1 - Math.floor(v * size)) * size + Math.floor(u * size)) * 3;
    return [data[at] / 255, data[at + 1] / 255, data[at + 2] / 255];
  });
}

/** Colour at metres (u, v) where one picture element covers `footprint` metres; into `out` [3]. */
export function sampleTexture(
  texture: Texture,
  u: number,
  v: number,
  footprint: number,
  out: Float32Array,
): void {
  const { size, metres, levels } = texture;
  const texels = footprint / metres * size;
  const number = texels <= 1 ? 0 : Math.min(levels.length - 1, Math.round(Math.log2(texels)));
  const level = levels[number];
  const side = size >> number;
  const mask = side - 1;
  const x = u / metres * side - 0.5;
  const y = v / metres * side - 0.5;
  const x0 = Math.floor(x), y0 = Math.floor(y);
  const fx = x - x0, fy = y - y0;
  const left = x0 & mask, right = (x0 + 1) & mask;
  const low = (y0 & mask) * side, high = ((y0 + 1) & mask) * side;
  const a = (low + left) * 3, b = (low + right) * 3, c = (high + left) * 3, d = (high + right) * 3;
  const wa = (1 - fx) * (1 - fy), wb = fx * (1 - fy), wc = (1 - fx) * fy, wd = fx * fy;
  out[0] = level[a] * wa + level[b] * wb + level[c] * wc + level[d] * wd;
  out[1] = level[a + 1] * wa + level[b + 1] * wb + level[c + 1] * wc + level[d + 1] * wd;
  out[2] = level[a + 2] * wa + level[b + 2] * wb + level[c + 2] * wc + level[d + 2] * wd;
}

/** Smooth noise in 0..1 that tiles over u, v in 0..1, with `cells` bumps a side. */
export function tilingNoise(random: Random, cells: number): (u: number, v: number) => number {
  const grid = Float32Array.from({ length: cells * cells }, () => random.float());
  const at = (x: number, y: number) => grid[((y + cells) % cells) * cells + (x + cells) % cells];
  const ease = (t: number) => t * t * (3 - 2 * t);
  return (u, v) => {
    const x = Math.floor(u * cells), y = Math.floor(v * cells);
    const fx = ease(u * cells - x), fy = ease(v * cells - y);
    const low = at(x, y) * (1 - fx) + at(x + 1, y) * fx;
    const high = at(x, y + 1) * (1 - fx) + at(x + 1, y + 1) * fx;
    return low * (1 - fy) + high * fy;
  };
}

/** Shades a colour function by tiling noise of a few sizes; `strength` is the largest change. */
export function mottled(
  random: Random,
  strength: number,
  colour: (u: number, v: number) => Rgb,
): (u: number, v: number) => Rgb {
  const coarse = tilingNoise(random, 5), fine = tilingNoise(random, 17);
  return (u, v) => {
    const shade = (coarse(u, v) * 0.65 + fine(u, v) * 0.35 - 0.5) * 2 * strength;
    return mix(colour(u, v), shade > 0 ? [1, 1, 1] : [0, 0, 0], Math.abs(shade));
  };
}

function halved(level: Float32Array, side: number): Float32Array<ArrayBuffer> {
  const half = side / 2;
  const out = new Float32Array(half * half * 3);
  for (let y = 0; y < half; y++) {
    for (let x = 0; x < half; x++) {
      for (let c = 0; c < 3; c++) {
        const at = (y * 2 * side + x * 2) * 3 + c;
        out[(y * half + x) * 3 + c] =
          (level[at] + level[at + 3] + level[at + side * 3] + level[at + side * 3 + 3]) / 4;
      }
    }
  }
  return out;
}
