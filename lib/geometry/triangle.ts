/**
 * The nearest point of a triangle.
 * @module
 */

type Vector = readonly [number, number, number];

/** A point of a triangle. */
export interface Point {
  /** From the point that asked, in its unit. */
  readonly distance: number;
  /** Of the corners, summing to 1. */
  readonly weights: readonly [number, number, number];
}

/** The point of a triangle that is nearest to `p` (Ericson 2005, Real-Time Collision Detection, 5.1.5). */
export function pointOnTriangle(p: Vector, [a, b, c]: readonly [Vector, Vector, Vector]): Point {
  const weights = nearestWeights(p, a, b, c);
  let squared = 0;
  for (let i = 0; i < 3; i++) {
    squared += (weights[0] * a[i] + weights[1] * b[i] + weights[2] * c[i] - p[i]) ** 2;
  }
  return { distance: Math.sqrt(squared), weights };
}

function nearestWeights(p: Vector, a: Vector, b: Vector, c: Vector): [number, number, number] {
  const minus = (u: Vector, v: Vector): Vector => [u[0] - v[0], u[1] - v[1], u[2] - v[2]];
  const dot = (u: Vector, v: Vector) => u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
  const ab = minus(b, a), ac = minus(c, a);
  const ap = minus(p, a), bp = minus(p, b), cp = minus(p, c);
  const d1 = dot(ab, ap), d2 = dot(ac, ap);
  if (d1 <= 0 && d2 <= 0) return [1, 0, 0];
  const d3 = dot(ab, bp), d4 = dot(ac, bp);
  if (d3 >= 0 && d4 <= d3) return [0, 1, 0];
  const vc = d1 * d4 - d3 * d2;
  if (vc <= 0 && d1 >= 0 && d3 <= 0) {
    const t = d1 / (d1 - d3);
    return [1 - t, t, 0];
  }
  const d5 = dot(ab, cp), d6 = dot(ac, cp);
  if (d6 >= 0 && d5 <= d6) return [0, 0, 1];
  const vb = d5 * d2 - d1 * d6;
  if (vb <= 0 && d2 >= 0 && d6 <= 0) {
    const t = d2 / (d2 - d6);
    return [1 - t, 0, t];
  }
  const va = d3 * d6 - d5 * d4;
  if (va <= 0 && d4 - d3 >= 0 && d5 - d6 >= 0) {
    const t = (d4 - d3) / (d4 - d3 + (d5 - d6));
    return [0, 1 - t, t];
  }
  const v = vb / (va + vb + vc), w = vc / (va + vb + vc);
  return [1 - v - w, v, w];
}
