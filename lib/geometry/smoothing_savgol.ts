/**
 * Savitzky–Golay smoothing (1964): each frame takes the value of the polynomial that fits its
 * neighbours best. At the ends the first and the last window are used, as SciPy's mode `interp` does.
 * @module
 */

import { fromAxisAngle, multiply, type Quaternion, toAxisAngle } from "./quaternion.ts";
import { solve } from "./solve.ts";

/** Which frames one frame is made of, and how much of each. */
export interface SavgolRow {
  /** The first of them. */
  readonly first: number;
  /** Their shares. */
  readonly shares: Float64Array;
}

/** Shares of `window` frames in the fitted polynomial's value at frame `at` of them. */
function fitShares(window: number, order: number, at: number): Float64Array {
  // −1 … 1 over the window keeps the powers well apart.
  const half = Math.max(1, (window - 1) / 2);
  const x = (frame: number) => (frame - (window - 1) / 2) / half;
  const normal = Array.from(
    { length: order + 1 },
    (_, row) =>
      Array.from({ length: order + 1 }, (_, column) => {
        let sum = 0;
        for (let frame = 0; frame < window; frame++) sum += x(frame) ** (row + column);
        return sum;
      }),
  );
  const solved = solve(normal, Array.from({ length: order + 1 }, (_, k) => x(at) ** k));
  return Float64Array.from(
    { length: window },
    (_, frame) => solved.reduce((sum, by, k) => sum + by * x(frame) ** k, 0),
  );
}

/** A row for each of `frames` frames. A motion shorter than the window is one window itself. */
export function savgolRows(
  frames: number,
  { window, order }: { readonly window: number; readonly order: number },
): SavgolRow[] {
  const width = Math.min(window, frames);
  const degree = Math.min(order, width - 1);
  const half = (window - 1) / 2;
  const known = new Map<number, Float64Array>();
  return Array.from({ length: frames }, (_, frame) => {
    const first = Math.max(0, Math.min(frame - half, frames - width));
    const at = frame - first;
    const shares = known.get(at) ?? fitShares(width, degree, at);
    known.set(at, shares);
    return { first, shares };
  });
}

/** Places [N·3]. */
export function savgolPlaces(places: Float32Array, rows: readonly SavgolRow[]): Float32Array {
  return Float32Array.from(places, (_, i) => {
    const { first, shares } = rows[Math.floor(i / 3)];
    return shares.reduce((sum, by, k) => sum + by * places[(first + k) * 3 + i % 3], 0);
  });
}

/**
 * Axis-angle rotations at `column` of rows of 72, in place: neighbours are taken as turns away from
 * the frame itself, where turns add up like vectors.
 */
export function savgolRotations(
  poses: Float32Array,
  column: number,
  rows: readonly SavgolRow[],
): void {
  const all = rows.map((_, frame) => fromAxisAngle(poses, frame * 72 + column));
  rows.forEach(({ first, shares }, frame) => {
    const own = all[frame];
    const back: Quaternion = [own[0], -own[1], -own[2], -own[3]];
    const turn = [0, 0, 0];
    shares.forEach((by, k) => {
      toAxisAngle(multiply(back, all[first + k])).forEach((value, axis) => {
        turn[axis] += by * value;
      });
    });
    poses.set(toAxisAngle(multiply(own, fromAxisAngle(turn))), frame * 72 + column);
  });
}
