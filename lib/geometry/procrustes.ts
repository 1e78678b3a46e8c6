/**
 * The similarity that takes one set of points nearest to another (Horn 1987).
 * @module
 */

/** Turn (row-major 3×3), size and shift: y ≈ size · turn · x + shift. */
export interface Similarity {
  /** Rotation, row by row [9]. */
  readonly turn: Float64Array;
  /** Factor. */
  readonly size: number;
  /** Added at the end. */
  readonly shift: readonly [number, number, number];
}

/**
 * The similarity that takes points [N·3] nearest to others in least squares; with `rigid` the size stays
 * 1. The points must not all lie in one place.
 */
export function alignPoints(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  { rigid = false }: { readonly rigid?: boolean } = {},
): Similarity {
  const count = from.length / 3;
  const [a, b] = [meanOf(from), meanOf(to)];
  const S = new Float64Array(9);
  let [spreadFrom, spreadTo] = [0, 0];
  for (let i = 0; i < count; i++) {
    for (let r = 0; r < 3; r++) {
      const x = from[i * 3 + r] - a[r], y = to[i * 3 + r] - b[r];
      spreadFrom += x * x;
      spreadTo += y * y;
      for (let c = 0; c < 3; c++) S[r * 3 + c] += x * (to[i * 3 + c] - b[c]);
    }
  }
  const [w, x, y, z] = largestEigenvector([
    [S[0] + S[4] + S[8], S[5] - S[7], S[6] - S[2], S[1] - S[3]],
    [S[5] - S[7], S[0] - S[4] - S[8], S[1] + S[3], S[6] + S[2]],
    [S[6] - S[2], S[1] + S[3], S[4] - S[0] - S[8], S[5] + S[7]],
    [S[1] - S[3], S[6] + S[2], S[5] + S[7], S[8] - S[0] - S[4]],
  ]);
  const turn = Float64Array.of(
    ...[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    ...[2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    ...[2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  );
  // Σ y·Rx, of the centred points.
  const along = [0, 1, 2].reduce(
    (sum, r) => sum + [0, 1, 2].reduce((part, c) => part + turn[r * 3 + c] * S[c * 3 + r], 0),
    0,
  );
  const size = rigid || spreadTo === 0 ? 1 : along / spreadFrom;
  const shift = [0, 1, 2].map((r) =>
    b[r] - size * (turn[r * 3] * a[0] + turn[r * 3 + 1] * a[1] + turn[r * 3 + 2] * a[2])
  ) as [number, number, number];
  return { turn, size, shift };
}

/** Points [N·3] after a similarity. */
export function applySimilarity(
  { turn, size, shift }: Similarity,
  points: ArrayLike<number>,
): Float64Array {
  const out = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    for (let r = 0; r < 3; r++) {
      const row = turn[r * 3] * points[i] + turn[r * 3 + 1] * points[i + 1] +
        turn[r * 3 + 2] * points[i + 2];
      out[i + r] = size * row + shift[r];
    }
  }
  return out;
}

/** Mean distance of points [N·3] from others, in their unit. */
export function meanDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 3) {
    sum += Math.hypot(a[i] - b[i], a[i + 1] - b[i + 1], a[i + 2] - b[i + 2]);
  }
  return sum / (a.length / 3);
}

function meanOf(points: ArrayLike<number>): number[] {
  const sum = [0, 0, 0];
  for (let i = 0; i < points.length; i++) sum[i % 3] += points[i];
  return sum.map((value) => value / (points.length / 3));
}

/** Of a symmetric 4×4 matrix, by Jacobi's rotations; unit length. */
function largestEigenvector(matrix: number[][]): number[] {
  const m = matrix.map((row) => [...row]);
  const v = m.map((_, i) => m.map((_, j) => Number(i === j)));
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    for (let p = 0; p < 3; p++) {
      for (let q = p + 1; q < 4; q++) {
        off += m[p][q] ** 2;
        if (m[p][q] === 0) continue;
        const theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1), s = t * c;
        for (let k = 0; k < 4; k++) {
          [m[k][p], m[k][q]] = [c * m[k][p] - s * m[k][q], s * m[k][p] + c * m[k][q]];
        }
        for (let k = 0; k < 4; k++) {
          [m[p][k], m[q][k]] = [c * m[p][k] - s * m[q][k], s * m[p][k] + c * m[q][k]];
          [v[k][p], v[k][q]] = [c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q]];
        }
      }
    }
    if (off < 1e-24 * (m[0][0] ** 2 + m[1][1] ** 2 + m[2][2] ** 2 + m[3][3] ** 2)) break;
  }
  const best = [0, 1, 2, 3].reduce((a, b) => m[b][b] > m[a][a] ? b : a);
  return v.map((row) => row[best]);
}
