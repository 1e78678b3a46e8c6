/**
 * Row-major 3×3 matrices, as cameras hold them.
 * @module
 */

/** Product of two row-major 3×3 matrices. */
export function multiply(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: 9 }, (_, i) => {
    const row = i - i % 3, column = i % 3;
    return a[row] * b[column] + a[row + 1] * b[3 + column] + a[row + 2] * b[6 + column] + 0;
  });
}

/** A row-major 3×3 matrix, transposed. */
export function transpose(m: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: 9 }, (_, i) => m[i % 3 * 3 + Math.floor(i / 3)]);
}

/** A row-major 3×3 matrix times a vector. */
export function apply(m: ArrayLike<number>, v: ArrayLike<number>): Float64Array {
  return Float64Array.from(
    [0, 3, 6],
    (row) => m[row] * v[0] + m[row + 1] * v[1] + m[row + 2] * v[2] + 0,
  );
}

/** True for a row-major rotation matrix, to a thousandth. */
export function isRotation(r: ArrayLike<number>): boolean {
  if (r.length !== 9) return false;
  const dot = (a: number, b: number) => r[a] * r[b] + r[a + 1] * r[b + 1] + r[a + 2] * r[b + 2];
  const orthonormal = [0, 3, 6].every((a) =>
    [0, 3, 6].every((b) => Math.abs(dot(a, b) - (a === b ? 1 : 0)) < 1e-3)
  );
  const determinant = r[0] * (r[4] * r[8] - r[5] * r[7]) - r[1] * (r[3] * r[8] - r[5] * r[6]) +
    r[2] * (r[3] * r[7] - r[4] * r[6]);
  return orthonormal && determinant > 0;
}
