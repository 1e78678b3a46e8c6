/**
 * Which patches of what is known resemble those in and around a hole: a field of nearest neighbours,
 * found by chance and by asking beside (PatchMatch, Barnes et al. 2009).
 * @module
 */
import type { Random } from "../../geometry/mod.ts";

/** Pixels of a patch to each side of its middle. */
const REACH = 3;
/**
 * Scenes are alike along rows, where floors are as far away and as bright: squares that a patch from as
 * far above as the picture is high counts for.
 */
const ABOVE = 1.5e6;
/** What is a pixel farther from what is known is so many times less sure. */
const FADE = 1.3;

/** A picture with a hole. */
export interface Holed {
  readonly width: number;
  readonly height: number;
  /** rgb, 0 to 255, [H*W*3]; what stands in the hole is a guess. */
  readonly rgb: Float32Array;
  /** 1 in the hole, [H*W]. */
  readonly hole: Uint8Array;
  /** How sure each pixel is, 1 outside the hole, [H*W]. */
  readonly sure: Float32Array;
}

/** 1 outside the hole, less and less towards its middle. */
export function sureness(
  hole: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Float32Array {
  const sure = new Float32Array(hole.length).fill(1);
  const rest = hole.slice();
  for (let by = 1 / FADE; rest.includes(1); by /= FADE) {
    const near = grown(rest.map((value) => 1 - value), { width, height, reach: 1 });
    if (!near.some((value, i) => value === 1 && rest[i] === 1)) break;
    near.forEach((value, i) => {
      if (value === 0 || rest[i] === 0) return;
      sure[i] = by;
      rest[i] = 0;
    });
  }
  return sure;
}

/** For each target, a patch's middle that touches the hole, its source: a whole patch that does not. */
export interface Neighbours {
  /** Middles as row · width + column, row by row. */
  readonly targets: Int32Array;
  /** Sources by place in the picture; −1 where there is no target. */
  readonly source: Int32Array;
  /** Squared differences, likewise. */
  readonly off: Float32Array;
}

/** 1 where a whole patch lies in the picture and touches no hole. */
export function sourcesOf({ width, height, hole }: Holed): Uint8Array {
  const near = grown(hole, { width, height, reach: REACH });
  return near.map((value, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const inside = x >= REACH && y >= REACH && x < width - REACH && y < height - REACH;
    return value === 0 && inside ? 1 : 0;
  });
}

/** A mask of 0 and 1, wider by `reach` pixels to all sides and corners. */
export function grown(
  mask: Uint8Array,
  { width, height, reach }: {
    readonly width: number;
    readonly height: number;
    readonly reach: number;
  },
): Uint8Array {
  const spread = (from: Uint8Array, lines: number, length: number, line: number, step: number) => {
    const out = new Uint8Array(from.length);
    for (let l = 0; l < lines; l++) {
      let last = -Infinity;
      for (let i = 0; i < length + reach; i++) {
        if (i < length && from[l * line + i * step] !== 0) last = i;
        const at = i - reach;
        // The last one set up to here lies within reach on either side.
        if (at >= 0 && last >= at - reach) out[l * line + at * step] = 1;
      }
    }
    return out;
  };
  const rows = spread(mask, height, width, width, 1);
  return spread(rows, width, height, 1, width);
}

/** Begins with `guess` where it is a source, else anywhere. */
export function startNeighbours(
  picture: Holed,
  { sources, guess, random }: {
    readonly sources: Uint8Array;
    readonly guess: (target: number) => number;
    readonly random: Random;
  },
): Neighbours {
  const { width, height, hole } = picture;
  const near = grown(hole, { width, height, reach: REACH });
  const targets = Int32Array.from(near.keys().filter((i) => near[i] === 1));
  const any = Int32Array.from(sources.keys().filter((i) => sources[i] === 1));
  const source = new Int32Array(width * height).fill(-1);
  for (const target of targets) {
    const wanted = guess(target);
    source[target] = sources[wanted] === 1 ? wanted : any[random.int(any.length)];
  }
  return { targets, source, off: new Float32Array(width * height) };
}

/** One round: each target asks its neighbours' sources, moved alike, and places ever nearer to its own. */
export function improve(
  picture: Holed,
  neighbours: Neighbours,
  { sources, backwards, random }: {
    readonly sources: Uint8Array;
    readonly backwards: boolean;
    readonly random: Random;
  },
): void {
  const { width, height } = picture;
  const { targets, source, off } = neighbours;
  for (const target of targets) off[target] = unlike(picture, target, source[target], Infinity);
  const step = backwards ? 1 : -1;
  const order = backwards ? targets.toReversed() : targets;
  for (const target of order) {
    let [best, least] = [source[target], off[target]];
    const ask = (candidate: number): void => {
      if (candidate === best || sources[candidate] !== 1) return;
      const found = unlike(picture, target, candidate, least);
      if (found < least) [best, least] = [candidate, found];
    };
    for (const beside of [step, step * width]) {
      const other = source[target + beside] ?? -1;
      if (other >= 0) ask(other - beside);
    }
    ask(target - target % width + random.int(width));
    for (let radius = Math.max(width, height); radius >= 1; radius /= 2) {
      const [x, y] = [best % width, Math.floor(best / width)];
      const u = Math.round(x + radius * (2 * random.float() - 1));
      const v = Math.round(y + radius * (2 * random.float() - 1));
      if (u >= 0 && v >= 0 && u < width && v < height) ask(v * width + u);
    }
    [source[target], off[target]] = [best, least];
  }
}

/** How unlike two patches are, and how far one lies above the other; or more than `enough`. */
function unlike(picture: Holed, target: number, source: number, enough: number): number {
  const { width, height } = picture;
  const rows = (Math.floor(source / width) - Math.floor(target / width)) / height;
  const above = ABOVE * rows * rows;
  return above > enough ? above : above + difference(picture, target, source, enough - above);
}

/** Sum of squares over two patches, or more than `enough`; at the edges, over what there is. */
function difference(
  { width, height, rgb, sure }: Holed,
  target: number,
  source: number,
  enough: number,
): number {
  const [x, y] = [target % width, Math.floor(target / width)];
  const left = Math.max(-REACH, -x);
  const right = Math.min(REACH, width - 1 - x);
  const top = Math.max(-REACH, -y);
  const bottom = Math.min(REACH, height - 1 - y);
  let weights = 0;
  for (let v = top; v <= bottom; v++) {
    for (let i = target + v * width + left; i <= target + v * width + right; i++) {
      weights += sure[i];
    }
  }
  const whole = (2 * REACH + 1) ** 2 / weights;
  let sum = 0;
  for (let v = top; v <= bottom; v++) {
    let i = target + v * width + left;
    let [a, b] = [3 * i, (source + v * width + left) * 3];
    for (const end = i + right - left; i <= end; i++, a += 3, b += 3) {
      const [r, g, c] = [rgb[a] - rgb[b], rgb[a + 1] - rgb[b + 1], rgb[a + 2] - rgb[b + 2]];
      sum += sure[i] * (r * r + g * g + c * c);
    }
    // A patch that is cut off counts as a whole one.
    if (sum * whole > enough) return sum * whole;
  }
  return sum * whole;
}

/** The hole's pixels become the mean of what the patches over them say; near patches count more. */
export function vote(picture: Holed, { targets, source, off }: Neighbours): void {
  const { width, height, rgb, hole, sure } = picture;
  const sums = new Float32Array(width * height * 4);
  const usual = Float32Array.from(targets, (i) => off[i]).sort()[Math.floor(0.6 * targets.length)];
  for (const target of targets) {
    const weight = sure[target] * Math.exp(-off[target] / (usual + 1));
    const [x, y] = [target % width, Math.floor(target / width)];
    for (let v = Math.max(-REACH, -y); v <= Math.min(REACH, height - 1 - y); v++) {
      for (let u = Math.max(-REACH, -x); u <= Math.min(REACH, width - 1 - x); u++) {
        const shift = v * width + u;
        if (hole[target + shift] === 0) continue;
        const [to, from] = [(target + shift) * 4, (source[target] + shift) * 3];
        for (let c = 0; c < 3; c++) sums[to + c] += weight * rgb[from + c];
        sums[to + 3] += weight;
      }
    }
  }
  for (let i = 0; i < hole.length; i++) {
    if (hole[i] === 0 || sums[4 * i + 3] === 0) continue;
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = sums[4 * i + c] / sums[4 * i + 3];
  }
}
