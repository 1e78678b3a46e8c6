/**
 * Homographies: how a plane, or anything seen by a camera that only turns, moves in the picture.
 * Row-major 3×3, the last number 1.
 * @module
 */
import { Random, solve } from "../../geometry/mod.ts";
import type { Corner } from "./corners.ts";

/** A place in one picture and the same in another. */
export interface Match {
  readonly from: Corner;
  readonly to: Corner;
}

/** What moves nothing. */
export const IDENTITY: Float64Array = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);

/** Where a homography moves a place. */
export function moved(h: ArrayLike<number>, { x, y }: Corner): Corner {
  const z = h[6] * x + h[7] * y + h[8];
  return { x: (h[0] * x + h[1] * y + h[2]) / z, y: (h[3] * x + h[4] * y + h[5]) / z };
}

/** First `b`, then `a`. */
export function chained(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const product = Float64Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [i - i % 3, i % 3];
    return a[row] * b[column] + a[row + 1] * b[3 + column] + a[row + 2] * b[6 + column];
  });
  return product.map((value) => value / product[8]);
}

/** The way back. */
export function inverted(h: ArrayLike<number>): Float64Array {
  const cofactor = (a: number, b: number, c: number, d: number) => h[a] * h[d] - h[b] * h[c];
  const adjugate = [
    ...[cofactor(4, 5, 7, 8), cofactor(2, 1, 8, 7), cofactor(1, 2, 4, 5)],
    ...[cofactor(5, 3, 8, 6), cofactor(0, 2, 6, 8), cofactor(2, 0, 5, 3)],
    ...[cofactor(3, 4, 6, 7), cofactor(1, 0, 7, 6), cofactor(0, 1, 3, 4)],
  ];
  return Float64Array.from(adjugate, (value) => value / adjugate[8]);
}

/** The way on, if the picture's own grid were `scale` times finer; middles of pixels are whole numbers. */
export function rescaled(h: ArrayLike<number>, scale: number): Float64Array {
  const middle = (scale - 1) / 2;
  const [fine, coarse] = [
    [scale, 0, middle, 0, scale, middle, 0, 0, 1],
    [1 / scale, 0, -middle / scale, 0, 1 / scale, -middle / scale, 0, 0, 1],
  ];
  return chained(fine, chained(h, coarse));
}

/** A homography and which matches follow it. */
export interface FoundMove {
  readonly h: Float64Array;
  readonly inliers: readonly Match[];
}

type Fit = (
  matches: readonly Match[],
  near?: { readonly h: ArrayLike<number>; readonly reach: number },
) => Float64Array | undefined;

/** Kinds of moves, the simplest first, and how many matches determine one. */
const kinds: readonly { readonly needed: number; readonly fit: Fit }[] = [
  { needed: 2, fit: similarity },
  { needed: 4, fit: homography },
];

const TRIALS = 200;
const ROUNDS = 4;
/** Fewer matches say nothing. */
const LEAST = 12;
/** A simpler move is believed if so many matches follow it, of those that follow a richer one. */
const AS_GOOD = 0.85;

/**
 * How most matches move, to within `reach` pixels: not at all, by a similarity or by a homography, the
 * simplest that explains nearly as many (random sample consensus, then least squares that count far
 * matches less). `undefined` where too few agree.
 */
export function findMove(
  matches: readonly Match[],
  { reach, start }: { readonly reach: number; readonly start: Float64Array },
): FoundMove | undefined {
  if (matches.length < LEAST) return undefined;
  const within = (h: ArrayLike<number>) =>
    matches.filter(({ from, to }) => {
      const at = moved(h, from);
      return Math.hypot(at.x - to.x, at.y - to.y) <= reach;
    });
  const found: FoundMove[] = [{ h: IDENTITY, inliers: within(IDENTITY) }];
  for (const { needed, fit } of kinds) {
    const best = consensus(matches, { needed, fit, within, start: within(start) });
    let move: FoundMove | undefined;
    for (let round = 0, inliers = best; round < ROUNDS && inliers.length >= LEAST; round++) {
      const h: Float64Array | undefined = fit(inliers, move && { h: move.h, reach });
      if (h === undefined) break;
      inliers = within(h);
      move = { h, inliers };
    }
    if (move) found.push(move);
  }
  const most = Math.max(...found.map(({ inliers }) => inliers.length));
  if (most < LEAST) return undefined;
  return found.find(({ inliers }) => inliers.length >= AS_GOOD * most);
}

/** The most matches that follow a move which few of them determine. */
function consensus(
  matches: readonly Match[],
  { needed, fit, within, start }: {
    readonly needed: number;
    readonly fit: Fit;
    readonly within: (h: ArrayLike<number>) => Match[];
    readonly start: Match[];
  },
): Match[] {
  const random = new Random(matches.length);
  let best = start;
  for (let trial = 0; trial < TRIALS && best.length < 0.9 * matches.length; trial++) {
    const few = Array.from({ length: needed }, () => random.pick(matches));
    const h = new Set(few).size === needed ? fit(few) : undefined;
    const follow = h ? within(h) : [];
    if (follow.length > best.length) best = follow;
  }
  return best;
}

/** Turned, scaled and shifted, by least squares. */
function similarity(
  matches: readonly Match[],
  near?: { readonly h: ArrayLike<number>; readonly reach: number },
): Float64Array | undefined {
  const weights = matches.map((match) => weightOf(match, near));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const mean = (of: (match: Match) => number) =>
    matches.reduce((sum, match, i) => sum + weights[i] * of(match), 0) / total;
  const [x, y] = [mean(({ from }) => from.x), mean(({ from }) => from.y)];
  const [u, v] = [mean(({ to }) => to.x), mean(({ to }) => to.y)];
  let [along, across, size] = [0, 0, 0];
  matches.forEach(({ from, to }, i) => {
    const [a, b, c, d] = [from.x - x, from.y - y, to.x - u, to.y - v];
    along += weights[i] * (a * c + b * d);
    across += weights[i] * (a * d - b * c);
    size += weights[i] * (a * a + b * b);
  });
  if (!(size > 0)) return undefined;
  const [p, q] = [along / size, across / size];
  return Float64Array.of(p, -q, u - p * x + q * y, q, p, v - q * x - p * y, 0, 0, 1);
}

/**
 * By least squares on the equations that are linear in the eight numbers. With a homography `near` it,
 * equations are put back into pixels, and what is off by more than half of `reach` counts less.
 */
function homography(
  matches: readonly Match[],
  near?: { readonly h: ArrayLike<number>; readonly reach: number },
): Float64Array | undefined {
  // Places about 0 and of size 1 keep the equations well apart.
  const [a, b] = [normal(matches.map(({ from }) => from)), normal(matches.map(({ to }) => to))];
  const system = Array.from({ length: 8 }, () => new Array<number>(8).fill(0));
  const right = new Array<number>(8).fill(0);
  for (const { from, to } of matches) {
    const [x, y] = [(from.x - a.x) / a.size, (from.y - a.y) / a.size];
    const [u, v] = [(to.x - b.x) / b.size, (to.y - b.y) / b.size];
    const weight = weightOf({ from, to }, near);
    for (
      const [row, value] of [
        [[x, y, 1, 0, 0, 0, -u * x, -u * y], u],
        [[0, 0, 0, x, y, 1, -v * x, -v * y], v],
      ] as const
    ) {
      for (let i = 0; i < 8; i++) {
        right[i] += weight * row[i] * value;
        for (let j = 0; j < 8; j++) system[i][j] += weight * row[i] * row[j];
      }
    }
  }
  const numbers = solve(system, right);
  if (!numbers.every(Number.isFinite)) return undefined;
  const there = [1 / a.size, 0, -a.x / a.size, 0, 1 / a.size, -a.y / a.size, 0, 0, 1];
  const back = [b.size, 0, b.x, 0, b.size, b.y, 0, 0, 1];
  const h = chained(back, chained([...numbers, 1], there));
  return h.every(Number.isFinite) ? h : undefined;
}

function weightOf(
  { from, to }: Match,
  near: { readonly h: ArrayLike<number>; readonly reach: number } | undefined,
): number {
  if (near === undefined) return 1;
  const { h, reach } = near;
  const at = moved(h, from);
  const off = Math.hypot(at.x - to.x, at.y - to.y);
  const depth = h[6] * from.x + h[7] * from.y + h[8];
  return Math.min(1, reach / 2 / Math.max(off, 1e-9)) / (depth * depth);
}

function normal(places: readonly Corner[]) {
  const x = places.reduce((sum, p) => sum + p.x, 0) / places.length;
  const y = places.reduce((sum, p) => sum + p.y, 0) / places.length;
  const size = places.reduce((sum, p) => sum + Math.hypot(p.x - x, p.y - y), 0) / places.length;
  return { x, y, size: size || 1 };
}
