/**
 * Systems of linear equations: small ones, and large ones whose matrix is known by what it does.
 * @module
 */

/**
 * Solves `matrix` · x = `right` by elimination with pivots; both are overwritten. What is not finite says
 * that there is no one solution.
 */
export function solve(matrix: number[][], right: number[]): number[] {
  const size = right.length;
  for (let pivot = 0; pivot < size; pivot++) {
    let best = pivot;
    for (let row = pivot + 1; row < size; row++) {
      if (Math.abs(matrix[row][pivot]) > Math.abs(matrix[best][pivot])) best = row;
    }
    [matrix[pivot], matrix[best]] = [matrix[best], matrix[pivot]];
    [right[pivot], right[best]] = [right[best], right[pivot]];
    for (let row = 0; row < size; row++) {
      if (row === pivot) continue;
      const by = matrix[row][pivot] / matrix[pivot][pivot];
      for (let k = pivot; k < size; k++) matrix[row][k] -= by * matrix[pivot][k];
      right[row] -= by * right[pivot];
    }
  }
  return right.map((value, i) => value / matrix[i][i]);
}

/**
 * x of A x = b for a symmetric positive A, by conjugate gradients (Hestenes and Stiefel 1952): `times`
 * gives A x, and `guess` is where it begins, 0 unless told. Ends after so many rounds, or where the
 * squared residual is at most `least`.
 */
export function conjugateGradients(
  times: (x: Float64Array) => Float64Array,
  b: Float64Array,
  { rounds, guess, least = 1e-18 }: {
    readonly rounds: number;
    readonly guess?: Float64Array;
    readonly least?: number;
  },
): Float64Array {
  const dot = (p: Float64Array, q: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < p.length; i++) sum += p[i] * q[i];
    return sum;
  };
  const x = guess ? guess.slice() : new Float64Array(b.length);
  const begun = guess && times(x);
  const rest = begun ? b.map((value, i) => value - begun[i]) : b.slice();
  const way = rest.slice();
  let left = dot(rest, rest);
  for (let round = 0; round < rounds && left > least; round++) {
    const image = times(way);
    const step = left / dot(way, image);
    for (let i = 0; i < x.length; i++) {
      x[i] += step * way[i];
      rest[i] -= step * image[i];
    }
    const now = dot(rest, rest);
    for (let i = 0; i < x.length; i++) way[i] = rest[i] + now / left * way[i];
    left = now;
  }
  return x;
}
