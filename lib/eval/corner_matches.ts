/**
 * Which corners of two pictures show the same.
 * @module
 */
import { CORNER_NUMBERS, type CornerPoints } from "./corner_points.ts";
import type { Pixel } from "./epipolar.ts";

/** The nearest is a match if it is nearer than this share of the way to the next: Lowe's ratio test. */
export const MATCH_RATIO = 0.7;

/** A place in each of two pictures. */
export interface CornerMatch {
  readonly first: Pixel;
  readonly second: Pixel;
}

/** Pairs of corners that are each other's nearest, and clearly so from both sides. */
export function matchCorners(a: CornerPoints, b: CornerPoints): CornerMatch[] {
  const [N, M] = [a.places.length, b.places.length];
  const squares = new Float32Array(N * M);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < M; j++) {
      let sum = 0;
      for (let k = 0; k < CORNER_NUMBERS; k++) {
        const difference = a.descriptions[i * CORNER_NUMBERS + k] -
          b.descriptions[j * CORNER_NUMBERS + k];
        sum += difference * difference;
      }
      squares[i * M + j] = sum;
    }
  }
  const there = Array.from(
    { length: N },
    (_, i) => nearest(squares, { start: i * M, step: 1, count: M }),
  );
  const back = Array.from(
    { length: M },
    (_, j) => nearest(squares, { start: j, step: M, count: N }),
  );
  return there.flatMap((j, i) =>
    j !== undefined && back[j] === i ? [{ first: a.places[i], second: b.places[j] }] : []
  );
}

/** The nearest of a row or column, if it passes the ratio test. */
function nearest(
  squares: Float32Array,
  { start, step, count }: {
    readonly start: number;
    readonly step: number;
    readonly count: number;
  },
): number | undefined {
  let [best, next, at] = [Infinity, Infinity, 0];
  for (let i = 0; i < count; i++) {
    const value = squares[start + i * step];
    if (value < best) [next, best, at] = [best, value, i];
    else if (value < next) next = value;
  }
  return count > 1 && best < MATCH_RATIO ** 2 * next ? at : undefined;
}
