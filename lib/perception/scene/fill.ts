/**
 * Fills a hole in a picture with what surrounds it: patches that fit, from coarse to fine (after Wexler,
 * Shechtman and Irani 2007), then copied at the picture's own size and fitted to the light at the rim.
 * @module
 */
import { Random } from "../../geometry/mod.ts";
import type { Rgb } from "../picture.ts";
import { lacking } from "./blend.ts";
import {
  grown,
  type Holed,
  improve,
  type Neighbours,
  sourcesOf,
  startNeighbours,
  sureness,
  vote,
} from "./patches.ts";
import { smoothly } from "./smooth.ts";

/** Longest side at which patches are sought. */
const SIZE = 320;
/** Shortest side of the coarsest picture. */
const COARSEST = 12;
/** Places that patches may come from, at least, for them to be sought. */
const SOURCES = 40;
/** At the finest level; each coarser one, which is small, has more. */
const ROUNDS = 4;
/** Pixels of the sought picture over which a copy is the mean of its neighbours'. */
const SPREAD = 1;

/**
 * The picture with what is 1 in `hole`, [height*width], filled in. Equal inputs, equal bytes. Where
 * nothing is known it stays as it is.
 */
export function fillHole(picture: Rgb, hole: Uint8Array): Uint8Array {
  if (!hole.includes(1) || !hole.includes(0)) return picture.data.slice();
  const levels = levelsOf(picture, hole);
  const random = new Random(1);
  let before: { readonly level: Holed; readonly neighbours?: Neighbours } | undefined;
  for (const [depth, level] of [...levels.entries()].reverse()) {
    const { hole: open } = level;
    if (before) takeOver(level, before.level);
    else smoothly(level.rgb, { ...level, known: open.map((value) => 1 - value), channels: 3 });
    const sources = sourcesOf(level);
    if (count(sources) < SOURCES || count(open) === 0) {
      before = { level };
      continue;
    }
    const guess = guessFrom(level, before);
    const neighbours = startNeighbours(level, { sources, guess, random });
    for (let round = 0; round < ROUNDS * (1 + depth); round++) {
      improve(level, neighbours, { sources, backwards: round % 2 === 1, random });
      vote(level, neighbours);
    }
    before = { level, neighbours };
  }
  const { level, neighbours } = before!;
  const copies = neighbours && { ...neighbours, lacks: lacking(level, neighbours.source) };
  const rgb = copied(picture, { hole, only: hole, level, copies });
  if (copies) fitRim(rgb, { picture, hole, level, copies });
  return Uint8Array.from(rgb, (value) => Math.max(0, Math.min(255, Math.round(value))));
}

function count(mask: Uint8Array): number {
  let sum = 0;
  for (const value of mask) sum += value;
  return sum;
}

/** From the size at which patches are sought down to the coarsest. */
function levelsOf(picture: Rgb, hole: Uint8Array): Holed[] {
  const first = shrunk(
    { ...picture, rgb: Float32Array.from(picture.data), hole },
    Math.min(1, SIZE / Math.max(picture.width, picture.height)),
  );
  const levels = [first];
  for (;;) {
    const last = levels[levels.length - 1];
    if (Math.min(last.width, last.height) < 2 * COARSEST) break;
    const next = shrunk(last, 0.5);
    if (count(sourcesOf(next)) < SOURCES) break;
    levels.push(next);
  }
  return levels;
}

/** Means of what is known; a pixel with any part of the hole belongs to it. */
function shrunk({ width, height, rgb, hole }: Omit<Holed, "sure">, scale: number): Holed {
  const [w, h] = [width, height].map((n) => Math.max(1, Math.round(n * scale)));
  const sums = new Float32Array(w * h * 3);
  const known = new Float32Array(w * h);
  const open = new Uint8Array(w * h);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y + 0.5) / height * h) * w;
    for (let x = 0; x < width; x++) {
      const [from, to] = [y * width + x, row + Math.floor((x + 0.5) / width * w)];
      if (hole[from] !== 0) {
        open[to] = 1;
        continue;
      }
      known[to]++;
      for (let c = 0; c < 3; c++) sums[to * 3 + c] += rgb[from * 3 + c];
    }
  }
  const small = sums.map((value, i) => value / Math.max(1, known[Math.floor(i / 3)]));
  const sure = sureness(open, { width: w, height: h });
  return { width: w, height: h, rgb: small, hole: open, sure };
}

/** What was filled in coarsely is where the finer level begins. */
function takeOver({ width, height, rgb, hole }: Holed, coarse: Holed): void {
  for (let i = 0; i < hole.length; i++) {
    if (hole[i] === 0) continue;
    const at = placeOn(coarse, i % width / width, Math.floor(i / width) / height) * 3;
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = coarse.rgb[at + c];
  }
}

function placeOn({ width, height }: Holed, x: number, y: number): number {
  const [u, v] = [Math.floor(x * width + 0.25), Math.floor(y * height + 0.25)];
  return Math.min(height - 1, v) * width + Math.min(width - 1, u);
}

/** A target's source at the coarser level, moved alike. */
function guessFrom(
  { width, height }: Holed,
  before: { readonly level: Holed; readonly neighbours?: Neighbours } | undefined,
): (target: number) => number {
  if (!before?.neighbours) return () => -1;
  const { level, neighbours: { source } } = before;
  const [sx, sy] = [width / level.width, height / level.height];
  return (target) => {
    const [x, y] = [target % width, Math.floor(target / width)];
    const coarse = placeOn(level, x / width, y / height);
    if (source[coarse] < 0) return -1;
    const [u, v] = way(source[coarse], coarse, level.width);
    return target + Math.round(v * sy) * width + Math.round(u * sx);
  };
}

function way(to: number, from: number, width: number): [x: number, y: number] {
  return [to % width - from % width, Math.floor(to / width) - Math.floor(from / width)];
}

/** Where copies come from, and what they lack to meet without seams. */
interface Copies extends Neighbours {
  /** Of the sought picture, [H*W*3]. */
  readonly lacks: Float32Array;
}

/**
 * What is 1 in `only`, at the picture's own size: each pixel from where its place in the sought picture
 * has it from, which is outside the hole.
 */
function copied(
  { width, height, data }: Rgb,
  { hole, only, level, copies }: {
    readonly hole: Uint8Array;
    readonly only: Uint8Array;
    readonly level: Holed;
    readonly copies?: Copies;
  },
): Float32Array {
  const rgb = Float32Array.from(data);
  const [sx, sy] = [width / level.width, height / level.height];
  for (let i = 0; i < only.length; i++) {
    if (only[i] === 0) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    const [u, v] = [Math.floor((x + 0.5) / sx), Math.floor((y + 0.5) / sy)];
    const sums = [0, 0, 0];
    let weight = 0;
    for (let dv = -SPREAD; copies && dv <= SPREAD; dv++) {
      for (let du = -SPREAD; du <= SPREAD; du++) {
        const [a, b] = [u + du, v + dv];
        if (a < 0 || b < 0 || a >= level.width || b >= level.height) continue;
        const target = b * level.width + a;
        const source = copies.source[target];
        if (source < 0) continue;
        const [wx, wy] = way(source, target, level.width);
        const [p, q] = [x + Math.round(wx * sx), y + Math.round(wy * sy)];
        if (p < 0 || q < 0 || p >= width || q >= height || hole[q * width + p] !== 0) continue;
        const share = du === 0 && dv === 0 ? 4 : 1;
        for (let c = 0; c < 3; c++) {
          sums[c] += share * (data[(q * width + p) * 3 + c] + copies.lacks[target * 3 + c]);
        }
        weight += share;
      }
    }
    for (let c = 0; c < 3; c++) {
      rgb[3 * i + c] = weight > 0 ? sums[c] / weight : level.rgb[(v * level.width + u) * 3 + c];
    }
  }
  return rgb;
}

/** Pixels of the rim at which light is compared. */
const RIM = 2;

/**
 * Light in the hole follows what is around: the difference at the rim between what is there and what the
 * same copies would put there spreads smoothly inwards.
 */
function fitRim(
  rgb: Float32Array,
  { picture, hole, level, copies }: {
    readonly picture: Rgb;
    readonly hole: Uint8Array;
    readonly level: Holed;
    readonly copies: Copies;
  },
): void {
  const { width, height, data } = picture;
  const wide = grown(hole, { width, height, reach: RIM });
  const rim = wide.map((value, i) => value - hole[i]);
  const guess = copied(picture, { hole, only: rim, level, copies });
  const off = Float32Array.from(data, (value, i) => value - guess[i]);
  smoothly(off, { width, height, known: rim, channels: 3 });
  for (let i = 0; i < rgb.length; i++) if (hole[Math.floor(i / 3)] !== 0) rgb[i] += off[i];
}
