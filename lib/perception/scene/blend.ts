/**
 * Copies from several places meet without seams: their slopes are kept and their light is not (Poisson
 * image editing, Pérez, Gangnet and Blake 2003).
 * @module
 */
import { conjugateGradients } from "../../geometry/mod.ts";
import type { Holed } from "./patches.ts";

/** Rounds of conjugate gradients: holes are some hundred pixels wide. */
const ROUNDS = 250;

/** Levels of 255 from which on colours are an edge, and from which on they are nothing else. */
const EDGE = { from: 25, to: 50 };

/**
 * What each copy in the hole lacks, [H*W*3], when its pixel comes from `source` (by place, as
 * `Neighbours`): it continues what is around, and where two sources meet neither is brighter unless by far.
 */
export function lacking(picture: Holed, source: Int32Array): Float32Array {
  const { hole, rgb } = picture;
  const open = Int32Array.from(hole.keys().filter((i) => hole[i] !== 0 && source[i] >= 0));
  const number = new Int32Array(hole.length).fill(-1);
  open.forEach((place, i) => number[place] = i);
  const around = besides(open, picture);
  const out = new Float32Array(rgb.length);
  for (let c = 0; c < 3; c++) {
    const at = (place: number) => rgb[place * 3 + c];
    const right = Float64Array.from(open, (p, i) => {
      let sum = 0;
      for (let k = 4 * i; k < 4 * i + 4; k++) {
        const q = around[k];
        if (q < 0) continue;
        const slope = at(source[p]) - at(source[p] + q - p);
        if (number[q] < 0) {
          sum += at(q) + slope;
          continue;
        }
        const mean = (slope + at(source[q] + p - q) - at(source[q])) / 2;
        const share = edge(picture, source[p], source[q]);
        sum += mean + share * (at(source[p]) - at(source[q]) - mean);
      }
      return sum;
    });
    const times = (x: Float64Array) =>
      x.map((value, i) => {
        let sum = 0;
        for (let k = 4 * i; k < 4 * i + 4; k++) {
          if (around[k] < 0) continue;
          const other = number[around[k]];
          sum += value - (other < 0 ? 0 : x[other]);
        }
        return sum;
      });
    const found = conjugateGradients(times, right, {
      ...{ rounds: ROUNDS, least: 1e-3 * open.length },
      guess: Float64Array.from(open, at),
    });
    open.forEach((place, i) => out[place * 3 + c] = found[i] - at(source[place]));
  }
  return out;
}

/** How much two sources that meet are two things and not two lights: floor and wall are far apart. */
function edge({ rgb }: Holed, a: number, b: number): number {
  let most = 0;
  for (let c = 0; c < 3; c++) most = Math.max(most, Math.abs(rgb[a * 3 + c] - rgb[b * 3 + c]));
  return Math.max(0, Math.min(1, (most - EDGE.from) / (EDGE.to - EDGE.from)));
}

/** The four places beside each, −1 beyond the picture. */
function besides(places: Int32Array, { width, height }: Holed): Int32Array {
  const beside = new Int32Array(places.length * 4);
  places.forEach((p, i) => {
    const [x, y] = [p % width, Math.floor(p / width)];
    beside.set([
      x > 0 ? p - 1 : -1,
      x + 1 < width ? p + 1 : -1,
      y > 0 ? p - width : -1,
      y + 1 < height ? p + width : -1,
    ], 4 * i);
  });
  return beside;
}
