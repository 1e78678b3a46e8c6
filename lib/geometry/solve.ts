/**
 * Small systems of linear equations.
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
